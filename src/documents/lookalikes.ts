/**
 * Labels that only look like labels: `Аrticle 5` with a Cyrillic А, full-width digits, the single character Ⅳ, a joiner inside a keyword. The
 * cutter reads characters, not shapes, so such a line is text; a person who reads it on paper sees a label. So it is found, and a human
 * decides. Folding is for finding only: nothing that is cut, addressed or digested ever comes from a folded text.
 *
 * Folding is NFKC (Unicode UAX 15), without what nobody sees, and with the letters of Cyrillic and Greek that print like Latin ones (a small
 * part of Unicode UTS 39's confusables: those for the letters of the profiles' keywords and numbers).
 */
import type { Candidate } from "./Candidate.js";
import type { Hit, Labels } from "./labels.js";
import { de } from "./profiles/de.js";
import { en } from "./profiles/en.js";
import { vi } from "./profiles/vi.js";

/** Characters of a line that are folded: longer labels do not exist. */
const HEAD_MAX = 120;

const pairs =
  // Cyrillic capitals and small letters.
  "АAВBСCЕEНHІIЈJКKМMОOРPЅSТTХXУYԌGҮYӀIаaсcԁdеeһhіiјjоoрpԛqѕsԝwхxуyүyӏlгrкkтtпnмmвbнh" +
  // Greek.
  "ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXαaεeηnιiκkνvοoρpτtυuχxςcϲcϹC" +
  // Latin letters that print like others, and the Đ that Vietnamese keyboards do not make.
  "ıiɑaɡgÐĐƉĐꞄc";
const characters = [...pairs];
const looks: ReadonlyMap<string, string> = new Map(
  characters.flatMap((from, at) => (at % 2 === 0 ? [[from, characters[at + 1] ?? from] as const] : [])),
);

/** What prints nothing: format characters, variation selectors, fillers. */
const unseen = /\p{Cf}|\u034f|[\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/gu;
/** Runs without superscripts, circled and parenthesised numbers: those are notes and bullets to a reader too. */
const foldable = /[^\p{No}]+/gu;
const plainText = /^[\t\x20-\x7e]*$/u;

/** The beginning of a text as it looks; the same string where nothing looks otherwise than it is. */
export function folded(text: string): string {
  const head = text.slice(0, HEAD_MAX);
  if (plainText.test(head)) return text;
  const seen = head.replace(unseen, "").replace(foldable, (run) => run.normalize("NFKC"));
  // Where a line is written in another alphabet throughout, its letters are what they look like.
  const mixed = /\p{Script=Latin}/u.test(seen) && /[\p{Script=Cyrillic}\p{Script=Greek}ıɑɡÐƉ]/u.test(seen);
  const shown = mixed
    ? [...seen.normalize("NFD")]
        .map((char) => looks.get(char) ?? char)
        .join("")
        .normalize("NFC")
    : seen;
  return shown === head ? text : shown + text.slice(HEAD_MAX);
}

const signals = [vi, de, en].map(({ signal }) => new RegExp(signal.pattern, "u"));

/** Finds the lines that are labels once folded, and are none as they stand. */
export function lookalikesOf(labels: Labels, seen: ReadonlySet<string>) {
  return {
    /** Whether a line that was read as `hit`, or as no division, would be read as another label if it were what it looks like. */
    found(candidate: Candidate, hit: Hit | null): boolean {
      const text = folded(candidate.text);
      if (text === candidate.text) return false;
      const shown = { ...candidate, text };
      const other = labels.division(shown, seen);
      if (hit !== null) return hit.ordinal === null && other !== null && other.ordinal !== null;
      if (other !== null) return true;
      if (candidate.heading > 0) return labels.heading(text) !== null && labels.heading(candidate.text) === null;
      if (labels.marker(candidate) !== null) return false;
      return (
        labels.marker(shown) !== null || signals.some((signal) => signal.test(text) && !signal.test(candidate.text))
      );
    },
  };
}
