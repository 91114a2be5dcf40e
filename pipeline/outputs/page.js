"use strict";
// A word of the text and its place on the scan show each other; a card tells what is known of a marked word.
const card = document.getElementById("card");
const NAMES = { repaired: "Repaired", "doubtful-repaired": "Repaired, doubtful", "doubtful-kept": "Left as read, doubtful" };
const FIELDS = ["archive", "fond", "opis", "box", "delo", "leaves", "person"];
let shown = null;

function add(parent, tag, text, kind) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  parent.append(made);
  return made;
}

function fill(word) {
  card.replaceChildren();
  const data = word.dataset;
  const status = Object.keys(NAMES).find((name) => word.classList.contains(name));
  if (status) {
    add(card, "p", NAMES[status], "status");
    const change = add(card, "p", undefined, "change");
    if (status !== "doubtful-kept") {
      add(change, "del", data.was);
      change.append(" → ");
      add(change, "ins", word.textContent);
    } else add(change, "ins", word.textContent);
    const facts = add(card, "dl");
    for (const [name, value] of [["Why", data.why], ["Confidence", data.sure], ["OCR confidence", data.ocr]])
      if (value) { add(facts, "dt", name); add(facts, "dd", value); }
    if (data.others) {
      const list = add(card, "ol");
      for (const [text, share] of JSON.parse(data.others)) {
        const row = add(list, "li");
        add(row, "span", text);
        const bar = add(row, "meter");
        bar.max = 1; bar.value = share;
        add(row, "span", Math.round(100 * share) + " %");
      }
    }
  }
  if (data.cite) {
    add(card, "p", "Archival citation", "status").style.marginTop = status ? ".7rem" : 0;
    const fields = JSON.parse(data.cite);
    const facts = add(card, "dl");
    for (const name of FIELDS)
      if (fields[name]) { add(facts, "dt", name); add(facts, "dd", fields[name]); }
  }
  return card.childElementCount > 0;
}

function box(word) { return (word.dataset.box || "").split(" ").map(Number); }

function place(word) {
  const around = word.getBoundingClientRect(), own = card.getBoundingClientRect();
  const left = Math.max(12, Math.min(around.left, innerWidth - own.width - 12));
  const below = around.bottom + 10 + own.height < innerHeight;
  card.style.left = left + "px";
  card.style.top = Math.max(12, below ? around.bottom + 10 : around.top - own.height - 10) + "px";
}

function show(word) {
  if (word === shown) return;
  hide();
  shown = word;
  word.classList.add("on");
  const page = word.closest(".page"), here = page.querySelector(".here");
  if (here && word.dataset.box) {
    const [left, top, width, height] = box(word);
    Object.assign(here.style, { display: "block", left: left + "%", top: top + "%", width: width + "%", height: height + "%" });
  }
  if (word.dataset.pair) page.querySelectorAll(`[data-pair="${word.dataset.pair}"]`).forEach((one) => one.classList.add("on"));
  const told = word.matches(".o") ? page.querySelector(`.w[data-pair="${word.dataset.pair}"]`) : word;
  if (told && fill(told)) { card.classList.add("open"); place(word); }
}

function hide() {
  if (!shown) return;
  document.querySelectorAll(".on").forEach((one) => one.classList.remove("on"));
  const here = shown.closest(".page").querySelector(".here");
  if (here) here.style.display = "none";
  card.classList.remove("open");
  shown = null;
}

function under(scan, event) {
  const area = scan.getBoundingClientRect();
  const x = (100 * (event.clientX - area.left)) / area.width, y = (100 * (event.clientY - area.top)) / area.height;
  if (!scan.words) scan.words = [...scan.closest(".page").querySelectorAll(".w[data-box]")].map((word) => [word, box(word)]);
  const found = scan.words.find(([, [left, top, width, height]]) => left <= x && x <= left + width && top <= y && y <= top + height);
  return found && found[0];
}

document.addEventListener("mouseover", (event) => {
  const word = event.target.closest("main .w, main .o");
  if (word) show(word);
  else if (!event.target.closest(".scan")) hide();
});
document.addEventListener("focusin", (event) => { if (event.target.matches("main .w")) show(event.target); });
document.addEventListener("focusout", hide);
document.addEventListener("scroll", () => { if (shown && card.classList.contains("open")) place(shown); }, { passive: true });
document.querySelectorAll(".scan").forEach((scan) => {
  scan.addEventListener("mousemove", (event) => { const word = under(scan, event); if (word) show(word); else hide(); });
  scan.addEventListener("mouseleave", hide);
  scan.addEventListener("click", (event) => {
    const word = under(scan, event);
    if (word) { word.scrollIntoView({ block: "center" }); show(word); }
  });
  const fit = () => scan.classList.toggle("tall", scan.offsetHeight > innerHeight - 32);
  addEventListener("resize", fit);
  fit();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return hide();
  const kind = { n: "main .w[tabindex]", p: "main .w[tabindex]", d: "main .doubtful-kept, main .doubtful-repaired" }[event.key];
  if (!kind) return;
  const words = [...document.querySelectorAll(kind)];
  const from = document.activeElement.matches("main .w") ? document.activeElement : null;
  const after = (one) => !from || from.compareDocumentPosition(one) & (event.key === "p" ? 2 : 4);
  const next = event.key === "p" ? words.reverse().find(after) : words.find(after);
  if (next) { next.focus({ preventScroll: true }); next.scrollIntoView({ block: "center" }); }
});
