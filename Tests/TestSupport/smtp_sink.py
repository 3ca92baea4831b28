"""A mail server for tests: takes every mail, prints each as one line of JSON, and fails on request.

What fails is said by the local part of an address: a recipient `rcpt-550` is refused at RCPT with 550, `data-451` after
the message; `lost` is kept and the connection is cut before the answer, `mute` is kept and never answered, `cut-body`
is cut within the message, `slow` is answered after a while; with `once-` before it (`once-451`, `once-lost`,
`once-mute`) only the first time. A sender `cut-mail` is cut after MAIL. See --help for what concerns the whole server.

The first line is {"port": N}. Ends with the process that started it.
"""

import argparse
import asyncio
import email.parser
import email.policy
import json
import os
import re
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, syntax


def say(**event):
    print(json.dumps(event), flush=True)


def described(content):
    """The message as Python's email package understands it, which raises on whatever is not as RFC 5322 has it."""
    lines = content.split(b"\r\n")
    message = email.parser.BytesParser(policy=email.policy.strict).parsebytes(content)
    defects = list(message.defects)
    headers = {}
    for name, value in message.items():
        defects += value.defects
        headers.setdefault(name.lower(), []).append(str(value))
    parts = [part for part in message.walk() if not part.is_multipart()]
    for part in parts:
        defects += part.defects
    bodies = {part.get_content_type(): part.get_content() for part in parts}
    return {
        "headers": headers,
        "from_name": message["from"].addresses[0].display_name,
        "from_address": message["from"].addresses[0].addr_spec,
        "to_name": message["to"].addresses[0].display_name,
        "to_address": message["to"].addresses[0].addr_spec,
        "date": message["date"].datetime.timestamp(),
        "type": message.get_content_type(),
        "text": bodies.get("text/plain"),
        "html": bodies.get("text/html"),
        "encodings": [part["content-transfer-encoding"] for part in parts],
        "defects": [repr(defect) for defect in defects],
        "longest_line": max(len(line) for line in lines),
        "is_7_bit": all(byte < 128 for byte in content),
        "bare_line_ends": len(re.findall(rb"(?<!\r)\n|\r(?!\n)", content)),
        "header_lines": content.split(b"\r\n\r\n")[0].count(b"\r\n") + 1,
    }


class Handler:
    def __init__(self, options):
        self.options = options
        self.seen = set()

    def is_due(self, fault, address):
        """Whether the address asks for this fault, now."""
        local = address.split("@")[0]
        if local.startswith("once-" + fault):
            is_first = address not in self.seen
            self.seen.add(address)
            return is_first
        return local.startswith(fault)

    async def handle_EHLO(self, server, session, envelope, hostname):
        session.host_name = hostname
        say(event="hello", host=hostname)
        return self.options.hello or "250 HELP"

    async def handle_HELO(self, server, session, envelope, hostname):
        session.host_name = hostname
        return self.options.hello or "250 sink"

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        say(event="mail", options=mail_options)
        if address.startswith("cut-mail"):
            server.transport.abort()
            await asyncio.sleep(3600)
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 fine"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        say(event="recipient", address=address)
        local = address.split("@")[0]
        if found := re.match(r"rcpt-(\d)(\d\d)(-[\d.]+)?", local):
            extra = (found[3] or f"-{found[1]}.1.1")[1:]
            return f"{found[1]}{found[2]} {extra} <{address}> is refused"
        if local.startswith("bare-550"):
            return "550 no"
        if local.startswith("once-451") and self.is_due("451", address):
            return "451 4.7.1 come again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        local = address.split("@")[0]
        if found := re.match(r"data-(\d)(\d\d)", local):
            say(event="refused", to=address)
            return f"{found[1]}{found[2]} {found[1]}.7.0 no"
        if local.startswith("slow"):
            await asyncio.sleep(0.5)
        say(
            event="message",
            sender=envelope.mail_from,
            to=address,
            tls=session.ssl is not None,
            login=(session.auth_data.decode() if session.auth_data else None),
            **described(envelope.original_content),
        )
        if self.is_due("lost", address):
            server.transport.abort()
            await asyncio.sleep(3600)
        if self.is_due("mute", address):
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"


class Server(SMTP):
    connections = 0

    def connection_made(self, transport):
        is_upgrade = self.transport is not None
        super().connection_made(transport)
        if not is_upgrade:
            Server.connections += 1
            say(event="connection", number=Server.connections)

    @syntax("DATA")
    async def smtp_DATA(self, argument):
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("cut-body"):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(argument)

    @syntax("QUIT")
    async def smtp_QUIT(self, argument):
        say(event="quit")
        await super().smtp_QUIT(argument)


def authenticator(options):
    user, password = options.login.split(":") if options.login else ("", "")

    def check(server, session, envelope, mechanism, data):
        say(event="login", mechanism=mechanism)
        if isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode()):
            return AuthResult(success=True, auth_data=data.login)
        return AuthResult(success=False, handled=False, message="535 5.7.8 wrong")

    return check


async def rude(reader, writer, greeting):
    """Greets with that, or with nothing at all, and says no more."""
    say(event="connection", number=0)
    if greeting:
        writer.write(greeting.encode() + b"\r\n")
        await writer.drain()
        writer.close()
    else:
        await reader.read()
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", help="user:password that it asks for")
    parser.add_argument("--certificate", help="PEM file with key and certificate: offers STARTTLS")
    parser.add_argument("--implicit-tls", action="store_true", help="speaks TLS from the first byte on")
    parser.add_argument("--hello", help="the answer to EHLO and HELO")
    parser.add_argument("--greeting", help="greets with this and hangs up")
    parser.add_argument("--silent", action="store_true", help="never says a word")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
    handler = Handler(options)

    def server():
        return Server(
            handler,
            hostname="sink",
            tls_context=None if options.implicit_tls else context,
            require_starttls=context is not None and not options.implicit_tls,
            authenticator=authenticator(options),
            auth_required=options.login is not None,
            auth_require_tls=False,
            data_size_limit=1 << 25,
            loop=asyncio.get_running_loop(),
        )

    loop = asyncio.get_running_loop()
    if options.silent or options.greeting:
        listener = await asyncio.start_server(
            lambda reader, writer: rude(reader, writer, options.greeting), "127.0.0.1", options.port
        )
    else:
        listener = await loop.create_server(
            server, "127.0.0.1", options.port, ssl=context if options.implicit_tls else None
        )
    say(port=listener.sockets[0].getsockname()[1])
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


asyncio.run(main())
