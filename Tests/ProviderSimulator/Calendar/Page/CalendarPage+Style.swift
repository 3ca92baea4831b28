extension CalendarPage {
    /// Laid over the consent page's, whose colours and forms it shares.
    static let style = """
        header, nav, main { width: min(46rem, 100%); }
        nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem auto 0; }
        nav a {
          padding: .5rem .875rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--surface);
          color: var(--ink); text-decoration: none;
        }
        nav a[aria-current] { border-color: var(--accent); background: var(--tint); font-weight: 600; }
        nav a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        details { border: 1px solid var(--line); border-radius: .75rem; }
        summary { padding: .625rem .75rem; border-radius: .75rem; color: var(--accent); font-weight: 600; cursor: pointer; }
        summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        details form { padding: .25rem .75rem .75rem; }
        .message { padding: .625rem .75rem; border-radius: .75rem; background: var(--tint); }
        .events { display: grid; margin-top: .25rem; padding: 0; list-style: none; }
        .events li {
          display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; padding: .5rem 0;
          border-top: 1px solid var(--line);
        }
        .when { flex: none; width: 7.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
        .what { flex: 1 1 14rem; min-width: 0; }
        .what .soft { display: block; }
        .declined .what { color: var(--soft); text-decoration: line-through; }
        .declined .what .soft { text-decoration: none; }
        .events form { display: flex; gap: .375rem; }
        .small {
          min-width: 0; min-height: 2rem; padding: .125rem .625rem; border-color: var(--line); background: transparent;
          color: var(--accent); font-size: .875rem; font-weight: 500;
        }
        .small:hover { background: var(--tint); filter: none; }
        .fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; }
        label { display: grid; gap: .25rem; font-weight: 500; }
        .tick { display: flex; align-items: center; gap: .5rem; }
        input:not([type="checkbox"]), select {
          width: 100%; min-height: 2.5rem; padding: .375rem .625rem; border: 1px solid var(--line);
          border-radius: .5rem; background: var(--ground); color: var(--ink); font: inherit;
        }

        """
}
