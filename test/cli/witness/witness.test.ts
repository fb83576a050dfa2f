/** The witness on the command line: its key, what it says where it cannot serve, and the way back from a lost state. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadKey } from "../../../src/keys/keyFolder.js";
import { formatVkey, noteKeyTypes, noteSigner, parseVkey } from "../../../src/tlog/noteKey.js";
import { cosignCheckpoint } from "../../../src/tlog/signedCheckpoint.js";
import { marksIn } from "../../../src/witness/marks.js";
import { openWitnessState } from "../../../src/witness/witnessState.js";
import { signerOf } from "../../tlog/keys.js";
import { aTimeS, logOf, origin } from "../../witness/room.js";
import { type Cli, withCli } from "../withCli.js";

const witness = suite("cli: witness");

interface Made {
  readonly vkey: string;
  readonly made: boolean;
  readonly keyFile: string | null;
}

const code = async (cli: Cli, ...words: string[]) =>
  (await cli.json<{ error: { code: string; next: string | null } }>("witness", ...words)).error?.code;
const log = formatVkey(signerOf(origin));
const name = "witness.example/acme";

witness("a key is made once, of the type that cosigns; its vkey lies beside it and is made good", () =>
  withCli(async (cli) => {
    const first = await cli.json<Made>("witness", "key", name);
    assert.ok(first.made);
    assert.is(parseVkey(first.vkey).type, noteKeyTypes.cosignature);
    const folder = join(".iu-ledger", "keys", "witness");
    const [pem, vkey] = readdirSync(folder).sort();
    assert.match(String(pem), /^witness-[0-9a-f]{8}\.pem$/);
    assert.is(readFileSync(join(folder, String(vkey)), "utf8"), `${first.vkey}\n`);
    rmSync(join(folder, String(vkey)));
    const again = await cli.json<Made>("witness", "key", name);
    assert.equal([again.vkey, again.made, again.keyFile], [first.vkey, false, null]);
    assert.is(readFileSync(join(folder, String(vkey)), "utf8"), `${first.vkey}\n`);
    const text = await cli.iu(["witness", "key", name]);
    assert.match(text.out, "is here already");
    assert.not.match(text.out, "PRIVATE");
    assert.is(await code(cli, "key", "two words"), "NAME_MALFORMED");
    assert.is(await code(cli, "key", "a+b"), "NAME_MALFORMED");
  }),
);

witness("a key under a passphrase, whatever digit its id begins with; the log's own too", () =>
  withCli(async (cli) => {
    const environment = { IU_PASSPHRASE_FROM: "env:PASS", PASS: "correct horse battery" };
    const json = async (...words: string[]) => {
      const { out, exit } = await cli.iu([...words, "--json"], { environment });
      assert.is(exit, 0, out);
      return JSON.parse(out) as Made;
    };
    const first = new Set<string>();
    for (let nth = 0; nth < 12; nth++) {
      const { vkey } = await json("witness", "key", `w.example/${nth}`);
      first.add(vkey.split("+")[1]!.charAt(0));
      assert.is((await json("witness", "key", `w.example/${nth}`)).vkey, vkey);
    }
    assert.ok([...first].some((digit) => /\d/.test(digit)) && first.size > 2);
    await json("init");
    for (let nth = 0; nth < 6; nth++) {
      await json("log", "key", ...(nth === 0 ? [] : ["--rotate"]));
      await json("log", "checkpoint");
    }
  }),
);

witness("what it needs is said before it listens", () =>
  withCli(async (cli) => {
    assert.is(await code(cli), "LOGS_MISSING");
    assert.is(await code(cli, "serve", "--log", "nonsense"), "VKEY_MALFORMED");
    assert.is(await code(cli, "--log", log), "WITNESS_KEY_MISSING");
    const { vkey } = await cli.json<Made>("witness", "key", name);
    assert.is(await code(cli, "--log", vkey), "VKEY_MALFORMED", "a witness's key is no log's");
    assert.is(await code(cli, "--log", log, "--key", "other"), "WITNESS_KEY_MISSING");
    for (const listen of ["nowhere", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:", ":80"])
      assert.is(await code(cli, "--log", log, "--listen", listen), "LISTEN_MALFORMED", listen);
    assert.is(await code(cli, "--log", log, "--listen", "192.0.2.1:80"), "PORT_UNUSABLE");
    writeFileSync("logs", "# none yet\n\n");
    assert.is(await code(cli, "--logs", "logs"), "LOGS_MISSING");
    writeFileSync("logs", `# ours\n  ${log}  \n`);
    assert.is(await code(cli, "--logs", "logs", "--listen", "192.0.2.1:80"), "PORT_UNUSABLE");
    writeFileSync(join(".iu-ledger", "keys", "witness", `witness-${vkey.split("+")[1]}.vkey`), `${log}\n`);
    assert.is(await code(cli, "--log", log), "WITNESS_KEY_OTHER");
    await cli.json("witness", "key", name);
    await cli.json("witness", "key", "witness.example/second");
    assert.is(await code(cli, "--log", log), "WITNESS_AMBIGUOUS");
    assert.is(await code(cli, "--log", log, "--key", vkey, "--listen", "192.0.2.1:80"), "PORT_UNUSABLE");
  }),
);

witness("a state that is lost is refused at the start, and recovered from the marks when somebody says so", () =>
  withCli(async (cli) => {
    const { vkey } = await cli.json<Made>("witness", "key", name);
    const key = parseVkey(vkey);
    const folder = join(".iu-ledger", "keys", "witness");
    const { privateKey } = loadKey(folder, `witness-${key.id}`);
    const kept = cosignCheckpoint(logOf("a").note(7), aTimeS, noteSigner(name, noteKeyTypes.cosignature, privateKey));
    const state = await openWitnessState({
      folder: join(".iu-ledger", "witness", key.id),
      marks: marksIn(join(folder, `witness-${key.id}.marks`)),
      key,
    });
    await state.turn(origin, () => ({ keep: kept }));
    await state.close();
    rmSync(join(".iu-ledger", "witness"), { recursive: true });
    const no = await cli.iu(["witness", "--log", log, "--listen", "127.0.0.1:0"]);
    assert.is(no.exit, 3);
    assert.match(no.err, /WITNESS_STATE_ROLLED_BACK[\s\S]*iu-ledger witness recover/);
    const recovered = await cli.json<{ taken: unknown[]; remembered: number }>("witness", "recover");
    assert.equal(recovered.taken, [{ origin, from: null, size: 7, timeS: aTimeS }]);
    assert.is(recovered.remembered, 1);
    const again = await cli.iu(["witness", "recover"]);
    assert.match(again.out, "Nothing to take");
  }),
);

witness.run();
