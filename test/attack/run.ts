/** x */
import { attacks } from "./attacks.js";
import { withBases } from "./bases.js";
import { play } from "./play.js";
await withBases(async (bases) => {
  for (const s of (process.env["ST"]??"sqlite,postgres").split(",") as ("sqlite"|"postgres")[]) { const t=performance.now(); await bases.get(s); console.log(s, performance.now()-t); }
  for (const attack of attacks) if (process.argv.slice(2).length === 0 || process.argv.slice(2).some((w) => attack.id.includes(w))) for (const store of attack.stores.filter((x) => (process.env['ST']??'sqlite,postgres').includes(x))) console.log(attack.id, JSON.stringify(await play(attack, store, bases), null, 1));
});
