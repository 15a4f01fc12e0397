// The lists of the page: the bodies of its tables, and the lists of places. The lines of a plain one stand in the page. Those of
// one that is held stand in the page's data, and become elements once the section is unfolded: a large report would be a
// large file otherwise.

const FIRST = 100; // lines that are added at once, and rows that a table shows at first
const MORE = 300; // rows that it shows for each click
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data")?.textContent ?? "null");
const paths = data ? pathsOf(data.paths) : [];

// pathsOf reads paths: of each how much of the one before it begins it, what follows, and how much of that one's end ends it.
function pathsOf(parts) {
  const all = [];
  let last = "";
  for (let i = 0; i < parts.length; i += 3) {
    last = last.slice(0, parts[i]) + parts[i + 1] + last.slice(last.length - parts[i + 2]);
    all.push(last);
  }
  return all;
}

// tokensOf returns the texts of a cell: a number is a text, [path, line] a place, and [-1, …] several of both.
function tokensOf(cell) {
  return cell[0] === -1 ? cell.slice(1) : [cell];
}

// textOf returns what a text says.
function textOf(token) {
  if (typeof token === "number") return [data.texts[token]].flat()[0];
  return paths[token[0]] + (token[1] ? ":" + token[1] : "");
}

// nodeOf makes what is to be seen of a text.
function nodeOf(token) {
  const text = textOf(token);
  const isPlace = typeof token !== "number";
  if (!isPlace && typeof data.texts[token] === "string") return document.createTextNode(text);
  const isLink = isPlace && data.root !== null;
  const element = document.createElement(isLink ? "a" : "code");
  if (isLink) element.setAttribute("href", data.root + (data.hrefs[token[0]] ?? paths[token[0]]) + (token[1] ? data.line + token[1] : ""));
  element.textContent = text;
  return element;
}

// A List is a body of a table or a list of places, with what there is to do to both kinds.
class List {
  constructor(body) {
    this.body = body;
    this.title = body.tagName === "UL" ? body.previousElementSibling : null; // that is hidden along with it
    // The titles of the list and of the image that a line stands below count as part of it.
    this.above = [this.title, body.closest(".group")?.firstElementChild].map((e) => e?.textContent ?? "").join("\n").toLowerCase();
    this.sections = []; // that it is in, from the inside
    for (let s = body.closest("details"); s; s = s.parentElement.closest("details")) this.sections.push(s);
  }

  // filter leaves the lines that have all words, and says how many.
  filter(words) {
    const rest = words.filter((word) => !this.above.includes(word));
    const found = this.choose((i) => rest.every((word) => this.text(i).includes(word)));
    if (this.title) this.body.hidden = this.title.hidden = !found;
    return found;
  }

  // sort orders the lines by a column: numbers as numbers, texts with the numbers in them.
  sort(column, down) {
    const compare = new Intl.Collator("en", { numeric: true }).compare;
    const keys = this.lines.map((line) => this.key(line, column));
    const rank = new Map([...new Set(keys)].sort(compare).map((key, i) => [key, i]));
    const ranks = new Map(this.lines.map((line, i) => [line, rank.get(keys[i])]));
    this.order((a, b) => (down ? ranks.get(b) - ranks.get(a) : ranks.get(a) - ranks.get(b)));
  }
}

// A Plain list has its lines in the page. Its methods are those of a Held one.
class Plain extends List {
  constructor(body) {
    super(body);
    this.lines = [...body.children];
    this.texts = this.lines.map((line) => line.textContent.toLowerCase());
  }

  text(i) {
    return this.texts[i];
  }

  choose(fits) {
    let found = 0;
    this.lines.forEach((line, i) => {
      line.hidden = !fits(i);
      if (!line.hidden) found++;
    });
    return found;
  }

  key(row, column) {
    return row.cells[column].textContent;
  }

  order(compare) {
    this.body.append(...[...this.body.children].sort(compare));
  }

  // fill has nothing to do: all lines are there.
  fill() {
    return 0;
  }
}

// A Held list has its lines in the page's data.
class Held extends List {
  constructor(body) {
    super(body);
    this.lines = data.lists[body.dataset.list];
    this.texts = new Map(); // of lines, as far as somebody has asked
    this.all = this.chosen = this.lines.map((_, i) => i);
    this.next = -1; // of those chosen, the one that is added next; -1 while only what stands there without JavaScript does
    this.isTable = body.tagName === "TBODY";
    this.classes = this.isTable ? [...body.previousElementSibling.rows[0].cells].map((th) => th.className) : [];
  }

  // text is what the filter looks at.
  text(i) {
    let text = this.texts.get(i);
    if (text === undefined) {
      const cells = this.isTable ? this.lines[i] : [this.lines[i]];
      text = cells.map((cell) => this.said(cell)).join("\n").toLowerCase();
      this.texts.set(i, text);
    }
    return text;
  }

  // said is the text of a cell.
  said(cell) {
    return tokensOf(cell).map(textOf).join("");
  }

  // choose leaves the lines that fit, and says how many.
  choose(fits) {
    const chosen = this.all.filter(fits);
    if (chosen.length !== this.chosen.length || chosen.some((n, i) => n !== this.chosen[i])) this.restart(chosen);
    return chosen.length;
  }

  // key is by what a column orders the rows.
  key(row, column) {
    return this.said(row[column]);
  }

  order(compare) {
    const by = (a, b) => compare(this.lines[a], this.lines[b]);
    this.all.sort(by);
    this.restart([...this.chosen].sort(by));
  }

  // restart takes what is shown away, for other lines, or for the same in another order.
  restart(chosen) {
    this.chosen = chosen;
    this.next = 0;
    this.most = this.isTable ? FIRST : Infinity;
    this.body.replaceChildren();
  }

  // fill adds some lines, and returns how many.
  fill(most) {
    if (this.next < 0) this.restart(this.chosen);
    if (most === Infinity) this.most = Infinity;
    const some = this.chosen.slice(this.next, Math.min(this.next + most, this.most));
    this.body.append(...some.map((i) => this.element(this.lines[i])));
    this.next += some.length;
    this.offer();
    return some.length;
  }

  // offer has a button below a table say how many rows are left: a browser takes long to lay out thousands of them.
  offer() {
    const left = this.chosen.length - this.most;
    if (this.more) this.more.hidden = left <= 0;
    if (left <= 0) return;
    const region = this.body.closest(".table");
    if (!this.more) {
      this.more = document.createElement("button");
      this.more.type = "button";
      this.more.addEventListener("click", () => {
        this.most += MORE;
        this.fill(MORE);
        fillSoon();
        if (this.more.hidden) region.focus({ preventScroll: true });
      });
      region.after(this.more);
    }
    this.more.textContent = "Show " + Math.min(left, MORE) + " more of " + left + " rows";
  }

  // element makes what is to be seen of a line.
  element(line) {
    const element = document.createElement(this.isTable ? "tr" : "li");
    if (!this.isTable) {
      element.append(...tokensOf(line).map(nodeOf));
      return element;
    }
    for (const [i, cell] of line.entries()) {
      const td = element.insertCell();
      td.className = this.classes[i];
      td.append(...tokensOf(cell).map(nodeOf));
    }
    return element;
  }
}

const lists = [...document.querySelectorAll("tbody, ul")].map((body) => (body.dataset.list ? new Held(body) : new Plain(body)));
let isWaiting = false;

// fill adds lines of what is unfolded, from the top, as many as a browser lays out at once without a pause. What is left comes with
// the next pictures, so that the page answers in between.
function fill(most = FIRST) {
  for (const list of lists) {
    if (list.sections.every((s) => s.open)) most -= list.fill(most);
    if (most <= 0) return fillSoon();
  }
}

function fillSoon() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    fill();
  });
}
