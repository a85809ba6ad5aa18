// What was checked, and what came of it.

/** How many problems of one check are printed; the rest are counted. */
const SHOWN = 12;

export class Report {
  constructor({ quiet = false } = {}) {
    this.checks = [];
    this.quiet = quiet;
    this.closed = false;
  }

  /** A check is passed when it has no problem to tell. `problems`: sentences. */
  check(id, title, problems) {
    if (this.closed) return;
    this.checks.push({ id, title, problems });
    if (this.quiet) return;
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${id}: ${title}`);
    for (const problem of problems.slice(0, SHOWN)) console.log(`       - ${problem}`);
    if (problems.length > SHOWN) console.log(`       - … and ${problems.length - SHOWN} more`);
  }

  /** Something a person should look at; neither passed nor failed. */
  note(text) {
    if (!this.quiet && !this.closed) console.log(`note ${text}`);
  }

  /** Nothing more is taken, for checks that were cut short. */
  close() {
    this.closed = true;
  }

  get failed() {
    return this.checks.filter((check) => check.problems.length > 0);
  }

  get passed() {
    return this.checks.filter((check) => check.problems.length === 0);
  }

  summary() {
    return `${this.passed.length} passed, ${this.failed.length} failed`;
  }
}
