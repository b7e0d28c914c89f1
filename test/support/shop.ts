import {mkdir, rename, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {hook} from '@forgeone/sdk/embed';
import type {ExecutionContext} from 'ava';
import {assembled} from './assembly.ts';
import {folderOf} from './runtime.ts';

/** What a shop asks of its extensions. */
export const pricing = hook<{quote(cents: number): number}>('acme:shop/pricing@1.0.0', {quote: 'waterfall'});

const wit = `package acme:shop@1.0.0;
interface pricing { quote: func(cents: u32) -> u32; }
interface catalog { stock: func(item: string) -> u32; }
world plain { export pricing; }
world asking { import catalog; export pricing; }
world keeping { import forgeone:storage/store@0.1.0; export pricing; }
package forgeone:kernel@0.1.0 { interface types { record failure { code: string, message: string, remedy: string } } }
package forgeone:storage@0.1.0 { interface store {
	use forgeone:kernel/types@0.1.0.{failure};
	get: func(key: string) -> result<option<list<u8>>, failure>;
	set: func(key: string, value: list<u8>) -> result<_, failure>;
	remove: func(key: string) -> result<bool, failure>;
	keys: func(prefix: string, start: string, limit: u32) -> result<list<string>, failure>;
} }`;

/** An extension in AssemblyScript. */
export const assembly = (source: string, world = 'plain') => assembled(wit, source, {world});

/** An extension in WebAssembly text: the body of `quote`, what else its module has, and what its component imports. */
export const text = (quote: string, more = '', imports = '') =>
	parse(`(component ${imports}
		(core module $m ${more} (func (export "quote") (param $cents i32) (result i32) ${quote}))
		(core instance $i (instantiate $m))
		(func $quote (param "cents" u32) (result u32) (canon lift (core func $i "quote")))
		(instance $out (export "quote" (func $quote)))
		(export "acme:shop/pricing@1.0.0" (instance $out)))`);

/** An extension in JavaScript, whose `quote` is given. */
export const script = (quote: string) => `import {contract, definePlugin} from '@forgeone/sdk';
const pricing = contract('acme:shop/pricing@1.0.0', ['quote']);
export default definePlugin({name: 'script', provides: {pricing}, setup: () => ({pricing: () => ({quote: ${quote}})})});
`;

export const tax = () => text('(i32.div_u (i32.mul (local.get $cents) (i32.const 119)) (i32.const 100))');
export const winter = () => assembly('export function quote(cents: u32): u32 { return cents * 9 / 10; }');

/** The folder of a program, with what it imports, and these files in the folder of its extensions. */
export async function shopOf(t: ExecutionContext, files: Readonly<Record<string, string | Uint8Array>>) {
	const folder = await folderOf(t);
	const extensions = join(folder, 'extensions');
	await mkdir(extensions);
	await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
	await writeFile(join(folder, 'package.json'), '{"type": "module"}');
	/** As a careful program writes: nobody sees half of it. */
	const write = async (name: string, content: string | Uint8Array) => {
		const file = join(extensions, name);
		await writeFile(join(folder, 'draft'), content);
		await rename(join(folder, 'draft'), file);
		return file;
	};
	for (const [name, content] of Object.entries(files)) await write(name, content);
	return {folder, extensions, write};
}
