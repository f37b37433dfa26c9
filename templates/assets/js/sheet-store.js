/*
 * Where a score sheet's unposted cells live: on this computer at once, on the server soon after, and in the
 * ledger when the press is answered. It knows the wire and the storage, and nothing of the table on screen.
 *
 * What it must never do: forget a cell that the server has not acknowledged, or post a sheet a second time
 * under another id. A sheet that was sent and not answered is sent again, unchanged, under its first id.
 */

const DRAFT_AFTER_MS = 1500;
const DRAFT_AGAIN_MS = 15000;
const POST_AGAIN_MS = [1000, 2000, 4000, 8000, 15000];
// The server did not decide: the same sheet may be sent again under the same id.
const UNDECIDED = [408, 425, 429, 500, 502, 503, 504];

// crypto.randomUUID needs a secure context, which a village's plain http is not.
function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, function (x) { return x.toString(16).padStart(2, "0"); }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function send(method, url, body) {
  return fetch(url, {
    method: method,
    credentials: "same-origin",
    redirect: "error", // a log-in page or a captive portal is no answer
    headers: { "Content-Type": "application/json", "Accept": "application/json" },
    body: JSON.stringify(body),
  });
}

export class SheetStore {
  // key: names this official's sheet; place: {village, group, month}; tell(state, facts): what to show.
  constructor(options) {
    this.key = "xiangyue:sheet:" + options.key;
    this.place = options.place;
    this.tell = options.tell;
    this.record = this._read() || { cells: {}, at: null, synced: true, pending: null };
    this.timer = null;
    this.tries = 0;
    window.addEventListener("online", () => this._wake());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        this._wake(); // he may have logged in again in another tab
      } else if (this.timer) {
        this.saveDraft();
      }
    });
  }

  _wake() {
    this.saveDraft();
    this.resume();
  }

  _read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch (error) {
      return null;
    }
  }

  // True when the copy on this computer stands.
  _write() {
    try {
      const empty = !this.record.pending && Object.keys(this.record.cells).length === 0;
      if (empty && this.record.synced) {
        localStorage.removeItem(this.key);
      } else {
        localStorage.setItem(this.key, JSON.stringify(this.record));
      }
      return true;
    } catch (error) {
      return false;
    }
  }

  // The cells to start from: this computer's while it holds what the server has not got, else the server's.
  start(draft, savedAt) {
    const mine = this.record;
    if (mine.synced && !mine.pending) {
      mine.cells = {};
      draft.forEach(function (cell) { mine.cells[cell[0] + "|" + cell[1]] = String(cell[2]); });
      mine.at = savedAt;
    }
    return mine.cells;
  }

  // A cell was typed: kept here at once, sent to the server when typing pauses.
  put(key, text) {
    if (text === "") {
      delete this.record.cells[key];
    } else {
      this.record.cells[key] = text;
    }
    this.record.at = new Date().toISOString();
    this.record.synced = false;
    this.kept = this._write();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.saveDraft(), DRAFT_AFTER_MS);
  }

  _numbers() {
    const cells = this.record.cells;
    return Object.keys(cells).filter(function (key) {
      return /^-?\d{1,6}$/.test(cells[key]);
    }).map(function (key) {
      return key.split("|").concat(Number(cells[key]));
    });
  }

  async saveDraft() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.record.synced || this.record.pending) {
      return;
    }
    const sent = this.record.at;
    const cells = this._numbers();
    this.tell("saving", {});
    try {
      const answer = await send("PUT", "/scores/draft", Object.assign({ cells: cells }, this.place));
      if (answer.status === 401) {
        this.tell("login", {});
        return;
      }
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      // A text that is no number is kept here alone: the server's draft holds numbers.
      this.record.synced = this.record.at === sent && cells.length === Object.keys(this.record.cells).length;
      this._write();
      this.tell("saved", { at: new Date() });
    } catch (error) {
      this.tell(this.kept === false ? "unsaved" : "local", {});
      this.timer = setTimeout(() => this.saveDraft(), DRAFT_AGAIN_MS);
    }
  }

  // Post the cells [{household, item, points}]; from here on the sheet is `pending` until it is answered.
  post(cells) {
    this.record.pending = Object.assign({ id: uuid(), cells: cells }, this.place);
    this._write();
    this.tries = 0;
    return this.resume();
  }

  async resume() {
    const sheet = this.record.pending;
    if (!sheet || this.posting) {
      return;
    }
    this.posting = true;
    clearTimeout(this.again);
    this.tell("posting", {});
    let answer = null;
    let body = null;
    try {
      answer = await send("POST", "/scores", sheet);
      body = await answer.json();
    } catch (error) {
      body = null; // no answer, or none of ours
    }
    this.posting = false;
    this._answered(sheet, answer, body);
  }

  _answered(sheet, answer, body) {
    if (answer && answer.status === 401) {
      this.tell("login", {});
    } else if (!answer || !body || UNDECIDED.includes(answer.status)) {
      this._postAgain();
    } else if (answer.ok) {
      this._settle(sheet);
      this.tell("posted", { sheet: sheet, result: body });
    } else {
      // Refused as a whole: nothing was stored, the cells stay, and the next press is a new sheet.
      this.record.pending = null;
      this._write();
      this.tell("refused", { problem: body });
    }
  }

  _postAgain() {
    const wait = POST_AGAIN_MS[Math.min(this.tries, POST_AGAIN_MS.length - 1)];
    this.tries += 1;
    this.tell("waiting", {});
    this.again = setTimeout(() => this.resume(), wait);
  }

  _settle(sheet) {
    const cells = this.record.cells;
    sheet.cells.forEach(function (cell) { delete cells[cell.household + "|" + cell.item]; });
    this.record.pending = null;
    this.record.at = new Date().toISOString();
    this.record.synced = false;
    this._write();
    this.saveDraft(); // the server's draft no longer holds what is in the ledger
  }
}
