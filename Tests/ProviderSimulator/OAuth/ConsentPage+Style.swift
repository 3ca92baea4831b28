extension ConsentPage {
    /// Served at `/_simulator/consent.css`, since the page's policy forbids style inside it.
    static let style = """
        :root {
          color-scheme: light dark;
          --ground: #f2f4f7; --surface: #fff; --ink: #1a2230; --soft: #566173; --line: #d5dbe4; --tint: #eef3fb;
          --accent: #2456b8; --accent-ink: #fff; --notice: #fff1c7; --notice-ink: #4d3a00;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #12161d; --surface: #1c222c; --ink: #e8ecf2; --soft: #a9b4c4; --line: #364050; --tint: #253044;
            --accent: #9dbdff; --accent-ink: #0d1a33; --notice: #3c3110; --notice-ink: #ffe7a1;
          }
        }
        * { box-sizing: border-box; margin: 0; }
        body {
          min-height: 100vh; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere;
        }
        header, main { width: min(30rem, 100%); margin: 0 auto; }
        header {
          padding: .625rem 1rem; border-radius: .75rem; background: var(--notice); color: var(--notice-ink);
          font-size: .875rem;
        }
        main {
          display: grid; gap: 1.25rem; margin-top: 1rem; padding: 1.75rem; border: 1px solid var(--line);
          border-radius: 1rem; background: var(--surface);
        }
        h1 { font-size: 1.375rem; line-height: 1.3; text-wrap: balance; }
        h2, legend { padding: 0; font-size: 1rem; font-weight: 600; }
        form { display: grid; gap: 1.25rem; }
        fieldset { min-width: 0; padding: 0; border: 0; }
        .row {
          display: flex; align-items: center; gap: .75rem; margin-top: .5rem; padding: .625rem .75rem;
          border: 1px solid var(--line); border-radius: .75rem; cursor: pointer;
        }
        .row:hover, .row:has(:checked) { background: var(--tint); }
        .row:has(:checked) { border-color: var(--accent); }
        .row:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
        .row input { flex: none; width: 1.125rem; height: 1.125rem; accent-color: var(--accent); }
        .row .soft { display: block; }
        .face {
          display: grid; flex: none; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: 50%;
          background: var(--accent); color: var(--accent-ink); font-weight: 600;
        }
        .list { margin-top: .5rem; padding-left: 1.25rem; }
        .soft { color: var(--soft); font-size: .875rem; font-weight: 400; }
        .scope { font-size: .8125rem; }
        code { font: .875rem ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; }
        .buttons { display: flex; gap: .75rem; justify-content: flex-end; }
        button {
          min-width: 7rem; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--accent);
          border-radius: .75rem; background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600;
          cursor: pointer;
        }
        button:hover { filter: brightness(1.08); }
        button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .quiet { background: transparent; color: var(--accent); }
        .quiet:hover { background: var(--tint); }
        @media (max-width: 26rem) {
          main { padding: 1.25rem; }
          .buttons button { flex: 1; min-width: 0; }
        }

        """
}
