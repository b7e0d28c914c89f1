/**
 * Stands in for wizer, by the part of its command line that componentize-js uses: runs a module's initializer and writes the module that begins where
 * that ended. Wizer gives the initializer the time, real random numbers and the paths of this machine, all of which stay in the snapshot; here it
 * always sees the same, so that the same program gives the same bytes. Whoever has the component could read what wizer drew, too.
 */
import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {text} from 'node:stream/consumers';
import {WASI} from 'node:wasi';
import {initialized} from './initialized.ts';

const {argv, env} = process;
const option = (name: string): string => argv.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
const input = argv.at(-1) ?? '';
const sources = option('--dir');

/** Where the guest finds its sources, wherever they are. */
const SOURCES = '/sources';

/** What the guest reads: the arguments of the engine. */
const standard = join(dirname(input), 'arguments');
writeFileSync(standard, (await text(process.stdin)).replaceAll(sources, SOURCES));
const stdin = openSync(standard, 'r');

const told = Object.entries(env).filter(([name]) => /^(EXPORT|IMPORT|FEATURE_|SOURCE_|DEBUG$)/.test(name));
const wasi = new WASI({
	version: 'preview1',
	stdin,
	stdout: 2,
	env: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))),
	preopens: {[SOURCES]: sources, '/': sources},
	returnOnExit: false,
});

const module = new WebAssembly.Module(readFileSync(input));
let memory: WebAssembly.Memory;
const view = () => new DataView(memory.buffer);

/** What WASI says, but for what differs from one run to the next. */
const fixed = {
	clock_time_get(_clock: number, _precision: bigint, at: number) {
		view().setBigUint64(at, 0n, true);
		return 0;
	},
	random_get(at: number, length: number) {
		for (let i = 0; i < length; i++) view().setUint8(at + i, (i * 167 + 89) & 0xff);
		return 0;
	},
	path_filestat_get(...args: [fd: number, flags: number, path: number, length: number, at: number]) {
		const failed = wasi.wasiImport.path_filestat_get(...args);
		// All but the kind and the size: device, inode, links and times.
		if (failed === 0) for (const field of [0, 8, 24, 40, 48, 56]) view().setBigUint64(args[4] + field, 0n, true);
		return failed;
	},
};

const imports: WebAssembly.Imports = {wasi_snapshot_preview1: {...wasi.wasiImport, ...fixed}};
for (const {module: from, name} of WebAssembly.Module.imports(module)) {
	imports[from] = {
		[name]: () => {
			throw new Error(`"${name}" of "${from}" is not there while the program starts`);
		},
		...imports[from],
	};
}
const instance = new WebAssembly.Instance(module, imports);
memory = instance.exports.memory as WebAssembly.Memory;
wasi.finalizeBindings(instance);
const initializer = argv[argv.indexOf('--init-func') + 1] ?? '';
for (const name of ['_initialize', initializer]) (instance.exports[name] as () => void)();
closeSync(stdin);
writeFileSync(option('-o'), initialized(readFileSync(input), new Uint8Array(memory.buffer), ['_initialize', initializer]));
