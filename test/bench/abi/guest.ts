import {componentEmbed, componentNew, parse} from '@bytecodealliance/jco-transpile/wasm-tools';

/** The interface that every column calls. */
const wit = `package bench:abi;
interface host {
	log: func(text: string) -> u32;
	wait: func(n: u32) -> u32;
}
interface api {
	record point { id: u32, x: f64, y: f64, on: bool }
	resource counter { constructor(n: u32); value: func() -> u32; }
	add: func(a: u32, b: u32) -> u32;
	get: func(key: string) -> option<string>;
	bytes: func(bytes: list<u8>) -> list<u8>;
	points: func(points: list<point>) -> list<point>;
	call: func() -> u32;
	wait: func(n: u32) -> u32;
}
world guest { import host; export api; }`;

/** An allocator that begins again whenever a call is over, and functions that give back what they get. */
const core = `(module
	(import "bench:abi/host" "log" (func $log (param i32 i32) (result i32)))
	(import "bench:abi/host" "wait" (func $wait (param i32) (result i32)))
	(import "[export]bench:abi/api" "[resource-new]counter" (func $new (param i32) (result i32)))
	(memory (export "memory") 8)
	(data (i32.const 1024) "h\\00e\\00l\\00l\\00o\\00 \\00w\\00o\\00r\\00l\\00d\\00")
	(global $free (mut i32) (i32.const 4096))
	(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
		(local.set 4 (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
		(global.set $free (i32.add (local.get 4) (local.get 3)))
		(local.get 4))
	(func $reset (param i32) (global.set $free (i32.const 4096)))
	(func (export "bench:abi/api#add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
	(func (export "bench:abi/api#get") (param i32 i32) (result i32)
		(i32.store8 (i32.const 16) (i32.const 1)) (i32.store (i32.const 20) (local.get 0)) (i32.store (i32.const 24) (local.get 1)) (i32.const 16))
	(export "cabi_post_bench:abi/api#get" (func $reset))
	(func $pair (param i32 i32) (result i32)
		(i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
	(export "bench:abi/api#bytes" (func $pair)) (export "cabi_post_bench:abi/api#bytes" (func $reset))
	(export "bench:abi/api#points" (func $pair)) (export "cabi_post_bench:abi/api#points" (func $reset))
	(func (export "bench:abi/api#call") (result i32) (call $log (i32.const 1024) (i32.const 11)))
	(func (export "bench:abi/api#wait") (param i32) (result i32) (call $wait (local.get 0)))
	(func (export "bench:abi/api#[constructor]counter") (param i32) (result i32) (call $new (local.get 0)))
	(func (export "bench:abi/api#[method]counter.value") (param i32) (result i32) (local.get 0))
	(func (export "bench:abi/api#[dtor]counter") (param i32)))`;

/** The core module that all columns run. */
export const coreModule = (): Promise<Uint8Array> => parse(core);

/** The same as a component, with UTF-16 strings, which is what copying by hand is fastest in. */
export async function component(): Promise<Uint8Array> {
	const embedded = await componentEmbed({binary: await coreModule(), witSource: wit, world: 'guest', stringEncoding: 'utf16'});
	return componentNew(embedded);
}
