/** `node first-call.ts FILE [EXPORT]`: prints the milliseconds from bytes to instance, and to the first call of an export. The process is new: all is cold. */
import {readFile} from 'node:fs/promises';
import {load} from '@forgeone/wasm';

const [file = '', name] = process.argv.slice(2);
const bytes = await readFile(file);
const start = performance.now();
const component = await load(bytes);
const loaded = performance.now() - start;
const stub = (): number => 0;
/** A host that has everything: classes whose every method exists. */
const imports = Object.fromEntries(component.imports.map(entry => [entry.name, everything(entry.functions ?? [])]));
const instance = await component.instantiate(imports);
const instantiated = performance.now() - start;
if (name !== undefined) (instance.exports['bench:abi/api'] as Record<string, (a: number, b: number) => number>)[name]?.(1, 2);
const called = performance.now() - start;
console.log(JSON.stringify({loaded, instantiated, called}));

function everything(functions: readonly string[]): Record<string, unknown> {
	const made: Record<string, unknown> = {};
	for (const path of functions) {
		const [first = '', method] = path.split('.');
		made[first] ??= class {};
		const type = made[first] as {prototype: Record<string, unknown>} & Record<string, unknown>;
		if (method === undefined) continue;
		type.prototype[method] = stub;
		type[method] = stub;
	}
	return made;
}
