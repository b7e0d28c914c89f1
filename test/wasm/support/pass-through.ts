import {componentEmbed, componentNew, parse, print} from '@bytecodealliance/jco-transpile/wasm-tools';

/** The string encodings, as jco's tools name them. */
export type Encoding = 'utf8' | 'utf16' | 'compact-utf16';

/** Where the guest has results written. */
const results = 64;

const libc = `
(memory (export "memory") 2)
(global $free (mut i32) (i32.const 4096))
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
  (local.set 4 (i32.and (i32.add (global.get $free) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
  (global.set $free (i32.add (local.get 4) (local.get 3)))
  (block $enough (loop $grow
    (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
    (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
    unreachable))
  (memory.copy (local.get 4) (local.get 0) (local.get 1))
  (local.get 4))`;

/** The core signature that the canonical ABI gives a function, as jco's dummy module has it. */
async function signatures(wit: string): Promise<Map<string, string>> {
	const text = await print(await componentEmbed({dummy: true, witSource: wit, world: 'pass'}));
	const types = [...text.matchAll(/\(type \(;\d+;\) \(func(.*)\)\)$/gm)].map(match => match[1] ?? '');
	const imports = [...text.matchAll(/\(import "[^"]*t:t\/host" "([^"]+)" \(func \(;\d+;\) \(type (\d+)\)/g)];
	return new Map(imports.map(([, name = '', type]) => [name, types[Number(type)] ?? '']));
}

/**
 * A component which imports functions `f0`, `f1`, ... of the types given, each from a value to a value of that type, from
 * `t:t/host`, and exports the same from `t:t/api`: each passes what it gets to the import, and back what the import gives.
 */
export async function passThrough(declarations: string, types: readonly string[], encoding: Encoding): Promise<Uint8Array> {
	const names = [...declarations.matchAll(/^(?:record|variant|enum|flags|resource) ([^\s;]+)/gm)].map(match => match[1]);
	const use = names.length === 0 ? '' : `use types.{${names.join(', ')}};`;
	const functions = types.map((type, i) => `f${i}: func(x: ${type}) -> ${type};`).join('\n');
	const wit = `package t:t;
interface types { ${declarations} }
interface host { ${use} ${functions} }
interface api { ${use} ${functions} }
world pass { import host; export api; }`;
	const core: string[] = [];
	const calls: string[] = [];
	for (const [name, signature] of await signatures(wit)) {
		const params = /\(param ([^)]*)\)/.exec(signature)?.[1]?.split(' ') ?? [];
		const result = /\(result ([^)]*)\)/.exec(signature)?.[1];
		core.push(`(import "t:t/host" "${name}" (func $${name} ${signature}))`);
		const own = result === undefined ? params.slice(0, -1) : params;
		const gets = own.map((_, i) => `(local.get ${i})`).join(' ');
		const body = result === undefined ? `(call $${name} ${gets} (i32.const ${results})) (i32.const ${results})` : `(call $${name} ${gets})`;
		const head = own.length === 0 ? '' : `(param ${own.join(' ')})`;
		calls.push(`(func (export "t:t/api#${name}") ${head} (result ${result ?? 'i32'}) ${body})`);
	}
	const binary = await parse(`(module ${core.join('\n')} ${libc} ${calls.join('\n')})`);
	return componentNew(await componentEmbed({binary, witSource: wit, world: 'pass', stringEncoding: encoding}));
}
