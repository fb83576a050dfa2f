// Tells code from what only looks like it: blanks comments and the insides of strings and regular expressions, keeping every
// other character and every line break where it is. Enough for the style rules; must never be used to understand a program.

/** After these a slash begins a regular expression; after a name, a number or a closing bracket it divides. */
const beforeRegex =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|do|else|throw|await|yield|void|delete))\s*$/;

/** `text` of a TypeScript or JavaScript file with everything blanked that is no code; same length, same lines. */
export function blankNonCode(text: string): string {
  const out = [...Array(text.length).keys()].map((at) => text.charAt(at));
  blankCode(text, 0, out, false);
  return out.join("");
}

/** Reads code from `start`; in a `${…}` of a template it returns after its closing brace, else at the end. */
function blankCode(text: string, start: number, out: string[], inTemplate: boolean): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text.charAt(at);
    const two = text.slice(at, at + 2);
    if (two === "//") at = blank(out, at, lineEnd(text, at));
    else if (two === "/*") at = blank(out, at, after(text, "*/", at + 2));
    else if (char === '"' || char === "'") at = blankInside(out, at, stringEnd(text, at, char));
    else if (char === "`") at = blankTemplate(text, at, out);
    else if (char === "/" && beforeRegex.test(out.slice(Math.max(0, at - 40), at).join(""))) {
      at = blankInside(out, at, regexEnd(text, at));
    } else {
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      at += 1;
      if (inTemplate && depth < 0) return at;
    }
  }
  return at;
}

function blankTemplate(text: string, start: number, out: string[]): number {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === "`") return at + 1;
    if (char === "\\") at = blank(out, at, at + 2);
    else if (text.startsWith("${", at)) at = blankCode(text, at + 2, out, true);
    else at = blank(out, at, at + 1);
  }
  return at;
}

function blank(out: string[], from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (out[at] !== "\n") out[at] = " ";
  return to;
}

/** Keeps the delimiters, so that a string still reads as an argument. */
function blankInside(out: string[], from: number, to: number): number {
  blank(out, from + 1, to - 1);
  return to;
}

function stringEnd(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== quote && text.charAt(at) !== "\n")
    at += text.charAt(at) === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function regexEnd(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== "\n" && (inClass || text.charAt(at) !== "/")) {
    if (text.charAt(at) === "[") inClass = true;
    if (text.charAt(at) === "]") inClass = false;
    at += text.charAt(at) === "\\" ? 2 : 1;
  }
  return Math.min(at + 1, text.length);
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end === -1 ? text.length : end;
}

function after(text: string, what: string, start: number): number {
  const end = text.indexOf(what, start);
  return end === -1 ? text.length : end + what.length;
}
