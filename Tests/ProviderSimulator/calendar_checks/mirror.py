"""A client that mirrors a calendar: full and incremental lists, and what each means for what it holds."""

from googleapiclient.errors import HttpError


class Mirror:
    def __init__(self, service, calendar="primary", **query):
        self.service, self.calendar, self.query = service, calendar, query
        self.events, self.token = {}, None
        self.full_runs = self.requests = 0

    def run(self):
        """One run to its end; after a token that is over, a full one."""
        try:
            self._run()
        except HttpError as error:
            if error.resp.status != 410:
                raise
            self.token = None
            self._run()

    def _run(self):
        is_full, seen, page = self.token is None, {}, None
        while True:
            query = dict(self.query)
            if self.token:
                query["syncToken"] = self.token
            if page:
                query["pageToken"] = page
            answer = self.service.events().list(calendarId=self.calendar, **query).execute()
            self.requests += 1
            for event in answer["items"]:
                seen[event["id"]] = event
            page = answer.get("nextPageToken")
            if not page:
                break
        if is_full:
            self.full_runs += 1
            self.events = {}
        for id_, event in seen.items():
            if event["status"] == "cancelled" and "recurringEventId" not in event:
                self.events.pop(id_, None)
                for other in [e for e in self.events.values() if e.get("recurringEventId") == id_]:
                    self.events.pop(other["id"])
            else:
                self.events[id_] = event
        # A cancelled occurrence means something as long as its series is there.
        for id_, event in list(self.events.items()):
            if event["status"] == "cancelled" and event["recurringEventId"] not in self.events:
                self.events.pop(id_)
        self.token = answer["nextSyncToken"]
