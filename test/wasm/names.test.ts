import {load} from '@forgeone/wasm';
import test from 'ava';

/** Bytes of the binary format, by hand: the text format refuses such names before they reach the linker. */
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const vec = (...entries: readonly (readonly number[])[]): number[] => [...leb(entries.length), ...entries.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
const text = (name: string): number[] => {
	const bytes = [...Buffer.from(name)];
	return [...leb(bytes.length), ...bytes];
};

/** A component that imports an instance with one function, both of the name, calls nothing and exports both again. */
const renamed = (name: string): Uint8Array =>
	Uint8Array.from([
		...[0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0],
		...section(7, vec([0x42, ...vec([1, 0x40, 0, 1, 0], [4, 0, ...text(name), 1, 0])])),
		...section(10, vec([0, ...text(name), 5, 0])),
		...section(6, vec([1, 0, 0, ...text(name)])),
		...section(11, vec([0, ...text(`${name}-f`), 1, 0, 0], [0, ...text(`x:y/${name}`), 5, 0, 0])),
	]);

const names: readonly string[] = [
	'__proto__',
	'constructor',
	'prototype',
	'hasOwnProperty',
	'../x',
	'"',
	"'; process.exit(1); '",
	// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the name
	'`${1}`',
	'*/ throw 1 /*',
	'a\nb',
	'\u2028',
	'日本語',
	'😀',
	'',
	'a'.repeat(65_536),
];

test('any name is kept exactly, and no prototype is touched', async t => {
	const before = Reflect.ownKeys(Object.prototype);
	for (const name of names) {
		const component = await load(renamed(name));
		t.is(component.imports[0]?.name, name);
		const host: Record<string, () => void> = Object.create(null);
		let calls = 0;
		host[name] = () => {
			calls++;
		};
		const imports = Object.create(null);
		imports[name] = host;
		const {exports} = await component.instantiate(imports);
		const inner = exports[`x:y/${name}`] as Record<string, () => void>;
		t.deepEqual(Object.keys(exports).length, 2, name.slice(0, 40));
		for (const call of Object.values(inner)) call();
		t.is(calls, 1);
		await t.throwsAsync(component.instantiate({}), {code: 'FORGE_IMPORT_MISSING'});
		const missing = component.instantiate({[name]: {}});
		await t.throwsAsync(missing, {code: 'FORGE_IMPORT_MISSING'});
	}
	t.deepEqual(Reflect.ownKeys(Object.prototype), before);
	t.is(({} as {polluted?: unknown}).polluted, undefined);
});

test('a name that is not UTF-8 is refused with its offset', async t => {
	const bytes = renamed('abc');
	const at = Buffer.from(bytes).indexOf('abc');
	bytes[at] = 0xff;
	await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message: new RegExp(`at byte ${at}: expected a name in UTF-8`)});
});
