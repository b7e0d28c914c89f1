/**
 * `node componentize.js ENGINE OPTIONS`, in a folder with `source.js` and `world.wit`: writes `component.wasm`. A program of its own, as the engines write
 * to its standard streams and hold its thread for seconds.
 */
import {readFile, writeFile} from 'node:fs/promises';

const [engine, options] = process.argv.slice(2) as ['starlingmonkey' | 'quickjs', string];
const source = await readFile('source.js', 'utf8');

const makers = {
	async quickjs() {
		const {componentize} = await import('componentize-qjs');
		return componentize({witPath: 'world.wit', jsSource: source, ...JSON.parse(options)});
	},
	async starlingmonkey() {
		const {componentize} = await import('@bytecodealliance/componentize-js');
		return componentize(source, await readFile('world.wit', 'utf8'), JSON.parse(options));
	},
};

const {component} = await makers[engine]();
await writeFile('component.wasm', component);
