/**
 * `node componentize.js ENGINE OPTIONS`, in a folder with `source.js` and `world.wit`: writes `component.wasm`. A program of its own, as the engines write
 * to its standard streams, hold its thread for seconds, and are to draw no random numbers and see no clock.
 */
import crypto from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {syncBuiltinESMExports} from 'node:module';
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const [engine, options] = process.argv.slice(2) as ['starlingmonkey' | 'quickjs', string];
const source = await readFile('source.js', 'utf8');

/** A program for the shell that is `snapshot.js` in this Node. */
async function snapshotter(): Promise<string> {
	const words = [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./snapshot.js', import.meta.url))];
	const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`);
	await writeFile('snapshot', `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`, {mode: 0o700});
	return resolve('snapshot');
}

const makers = {
	async quickjs() {
		const {componentize} = await import('componentize-qjs');
		return componentize({witPath: 'world.wit', jsSource: source, ...JSON.parse(options)});
	},
	async starlingmonkey() {
		// The tool orders what it writes by a hash with a seed, and leaves the time of the build in it as the guest's only time.
		Date.now = () => 0;
		crypto.randomBytes = ((length: number) => Buffer.alloc(length)) as typeof crypto.randomBytes;
		crypto.randomFillSync = (<T>(buffer: T) => buffer) as typeof crypto.randomFillSync;
		syncBuiltinESMExports();
		const {componentize} = await import('@bytecodealliance/componentize-js');
		const own = process.platform === 'win32' ? {} : {wizerBin: await snapshotter()};
		return componentize(source, await readFile('world.wit', 'utf8'), {...JSON.parse(options), ...own});
	},
};

const {component} = await makers[engine]();
await writeFile('component.wasm', component);
