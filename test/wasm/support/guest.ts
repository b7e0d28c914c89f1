import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type Component, type Imports, type Instance, type Limits, load} from '@forgeone/wasm';

/** A guest's exports as a test calls them. */
// biome-ignore lint/suspicious/noExplicitAny: the guest's text decides
export type Exports = Record<string, any>;

/** Loads a component from its text. */
export const component = async (text: string): Promise<Component> => load(await parse(text));

/** Instantiates a component from its text. */
export async function guest(text: string, imports: Imports = {}, limits: Limits = {}): Promise<Instance & {readonly exports: Exports}> {
	return (await component(text)).instantiate(imports, limits) as Promise<Instance & {readonly exports: Exports}>;
}

/** A core module `$libc` with memory and an allocator, its instance, and the options that name them. */
export const libc = `
(core module $Libc
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
    (local.set 4 (i32.and (i32.add (global.get $free) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
    (global.set $free (i32.add (local.get 4) (local.get 3)))
    (local.get 4)))
(core instance $libc (instantiate $Libc))`;

/** The canonical options that use `libc`. */
export const options = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))';

/** A guest with one function `f`, which passes back what its core code gives: of a type, with locals free to use. */
export const returning = (declarations: string, type: string, code: string, encoding = ''): string => `(component
  ${libc}
  ${declarations}
  (core module $M (import "" "memory" (memory 1)) (func (export "f") (result i32) ${code}))
  (core instance $m (instantiate $M (with "" (instance (export "memory" (memory $libc "memory"))))))
  (func (export "f") (result ${type}) (canon lift (core func $m "f") ${options} ${encoding})))`;

/** Core code that writes words from address 16 on and gives that address. */
export const words = (...values: readonly number[]): string =>
	`${values.map((value, i) => `(i32.store (i32.const ${16 + 4 * i}) (i32.const ${value | 0}))`).join(' ')} (i32.const 16)`;
