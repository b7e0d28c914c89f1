import type {Instance, Limits} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {type Exports, guest} from './support/guest.ts';

/** A guest with a resource `counter`: its representation is a number, which its methods give and its destructor reports. */
const counters = `(component
	(import "dropped" (func $dropped (param "rep" u32)))
	(core func $dropped' (canon lower (func $dropped)))
	(core module $D (import "" "dropped" (func $d (param i32))) (func (export "dtor") (param i32) (call $d (local.get 0))))
	(core instance $d (instantiate $D (with "" (instance (export "dropped" (func $dropped'))))))
	(component $C
		(import "dtor" (func $dtor (param "rep" u32)))
		(core func $dtor' (canon lower (func $dtor)))
		(type $R (resource (rep i32) (dtor (core func $dtor'))))
		(export $counter "counter" (type $R))
		(core func $new (canon resource.new $R))
		(core func $drop (canon resource.drop $R))
		(core func $rep (canon resource.rep $R))
		(core module $m
			(import "" "new" (func $new (param i32) (result i32)))
			(import "" "drop" (func $drop (param i32)))
			(import "" "rep" (func $rep (param i32) (result i32)))
			(func (export "make") (param i32) (result i32) (call $new (local.get 0)))
			(func (export "value") (param i32) (result i32) (local.get 0))
			(func (export "eat") (param i32) (result i32) (local i32)
				(local.set 1 (call $rep (local.get 0))) (call $drop (local.get 0)) (local.get 1))
			(func (export "keep") (param i32))
			(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
		(core instance $i (instantiate $m (with "" (instance
			(export "new" (func $new)) (export "drop" (func $drop)) (export "rep" (func $rep))))))
		(func (export "[constructor]counter") (param "x" u32) (result (own $counter)) (canon lift (core func $i "make")))
		(func (export "[method]counter.value") (param "self" (borrow $counter)) (result u32) (canon lift (core func $i "value")))
		(func (export "[static]counter.add") (param "a" (borrow $counter)) (param "b" (borrow $counter)) (result u32) (canon lift (core func $i "add")))
		(func (export "eat") (param "x" (own $counter)) (result u32) (canon lift (core func $i "eat")))
		(func (export "keep") (param "x" (own $counter)) (canon lift (core func $i "keep"))))
	(func $dtor (param "rep" u32) (canon lift (core func $d "dtor")))
	(instance $c (instantiate $C (with "dtor" (func $dtor))))
	(export "api" (instance $c)))`;

async function counter(): Promise<Exports & {dropped: number[]}> {
	const dropped: number[] = [];
	const instance = await guest(counters, {dropped: (rep: number) => dropped.push(rep) && undefined});
	return {dropped, ...instance.exports.api};
}

test('a resource of a guest is a class: constructor, methods, statics, and dispose runs its destructor', async t => {
	const {Counter, dropped} = await counter();
	const one = new Counter(7);
	t.true(one instanceof Counter);
	t.is(one.value(), 7);
	t.is(Counter.add(one, new Counter(5)), 12);
	t.deepEqual(dropped, []);
	one[Symbol.dispose]();
	one[Symbol.dispose]();
	t.deepEqual(dropped, [7]);
	t.throws(() => one.value(), {code: 'FORGE_VALUE_INVALID'});
});

test('an own handle that was given away is spent', async t => {
	const {Counter, eat, dropped} = await counter();
	const one = new Counter(3);
	t.is(eat(one), 3);
	t.deepEqual(dropped, [3]);
	t.throws(() => eat(one), {code: 'FORGE_VALUE_INVALID'});
	t.throws(() => one.value(), {code: 'FORGE_VALUE_INVALID'});
	one[Symbol.dispose]();
	t.deepEqual(dropped, [3]);
});

test('A7: a handle of another instance, a look-alike and a number are refused', async t => {
	const {Counter, eat} = await counter();
	const other = await counter();
	for (const value of [new other.Counter(1), Object.create(Counter.prototype), {}, 1, undefined]) {
		t.throws(() => eat(value), {code: 'FORGE_VALUE_INVALID'});
	}
	t.throws(() => Counter(1), {instanceOf: TypeError});
});

test('A7: any order of making, using, giving away and dropping does what a model does', async t => {
	const operation = fc.tuple(fc.constantFrom('make', 'value', 'eat', 'drop'), fc.nat(7));
	const property = fc.asyncProperty(fc.array(operation, {maxLength: 60}), async operations => {
		const {Counter, eat, dropped} = await counter();
		const made: {handle: {value(): number; [Symbol.dispose](): void}; rep: number; live: boolean}[] = [];
		const gone: number[] = [];
		for (const [what, i] of operations) {
			if (what === 'make') made.push({handle: new Counter(made.length), rep: made.length, live: true});
			const one = made[i];
			if (one === undefined || what === 'make') continue;
			const attempt = (): unknown =>
				what === 'value' ? one.handle.value() : what === 'eat' ? eat(one.handle) : one.handle[Symbol.dispose]();
			if (!one.live && what !== 'drop') t.throws(attempt, {code: 'FORGE_VALUE_INVALID'});
			else if (one.live && what !== 'drop') t.is(attempt(), one.rep);
			else attempt();
			if (one.live && what !== 'value') {
				one.live = false;
				gone.push(one.rep);
			}
		}
		t.deepEqual(dropped, gone);
	});
	await fc.assert(property, {numRuns: 40});
});

/** A guest that uses a resource of the host's through whatever handle numbers it is told. */
const holder = `(component
	(import "host" (instance $host
		(export "file" (type $file (sub resource)))
		(export "[constructor]file" (func (param "n" u32) (result (own $file))))
		(export "[method]file.read" (func (param "self" (borrow $file)) (result u32)))
		(export "other" (type $other (sub resource)))
		(export "take" (func (param "f" (own $file)) (param "g" (borrow $file))))))
	(alias export $host "file" (type $file))
	(alias export $host "other" (type $other))
	(core func $new (canon lower (func $host "[constructor]file")))
	(core func $read (canon lower (func $host "[method]file.read")))
	(core func $take (canon lower (func $host "take")))
	(core func $drop (canon resource.drop $file))
	(core func $drop-other (canon resource.drop $other))
	(core module $m
		(import "" "new" (func $new (param i32) (result i32)))
		(import "" "read" (func $read (param i32) (result i32)))
		(import "" "take" (func $take (param i32 i32)))
		(import "" "drop" (func $drop (param i32)))
		(import "" "drop-other" (func $drop-other (param i32)))
		(export "new" (func $new)) (export "read" (func $read)) (export "take" (func $take)) (export "drop" (func $drop)) (export "drop-other" (func $drop-other)))
	(core instance $i (instantiate $m (with "" (instance
		(export "new" (func $new)) (export "read" (func $read)) (export "take" (func $take)) (export "drop" (func $drop)) (export "drop-other" (func $drop-other))))))
	(func (export "make") (param "n" u32) (result u32) (canon lift (core func $i "new")))
	(func (export "read") (param "n" u32) (result u32) (canon lift (core func $i "read")))
	(func (export "take") (param "n" u32) (param "m" u32) (canon lift (core func $i "take")))
	(func (export "drop") (param "n" u32) (canon lift (core func $i "drop")))
	(func (export "drop-other") (param "n" u32) (canon lift (core func $i "drop-other"))))`;

async function files(limits: Limits = {}): Promise<Exports & {closed: number[]; taken: unknown[]; instance: Instance}> {
	const closed: number[] = [];
	class File {
		readonly n: number;
		constructor(n: number) {
			this.n = n;
		}
		read(): number {
			return this.n * 10;
		}
		[Symbol.dispose](): void {
			closed.push(this.n);
		}
	}
	const taken: unknown[] = [];
	const instance = await guest(holder, {host: {File, Other: class {}, take: (file: File) => taken.push(file.n) && undefined}}, limits);
	return {closed, taken, instance, ...instance.exports};
}

test('a guest holds a host object by a number, and dropping it disposes of the object', async t => {
	const {make, read, drop, closed} = await files();
	t.is(make(4), 1);
	t.is(make(5), 2);
	t.is(read(2), 50);
	drop(1);
	t.deepEqual(closed, [4]);
	t.is(make(6), 1, 'a freed number is used again');
});

test('an instance that is disposed of gives back all that it holds of the host, the latest first, and once', async t => {
	const {make, drop, instance, closed} = await files();
	for (const n of [1, 2, 3]) make(n);
	drop(2);
	instance.dispose();
	instance.dispose();
	t.deepEqual(closed, [2, 3, 1]);
});

test('A7: a handle number that is stale, forged, of another type or lent traps', async t => {
	const attempts: readonly ((guest: Awaited<ReturnType<typeof files>>) => unknown)[] = [
		({read}) => read(0),
		({read}) => read(1),
		({read}) => read(2 ** 31),
		({read}) => read(2 ** 32 - 1),
		({make, drop, read}) => [make(1), drop(1), read(1)],
		({make, drop}) => [make(1), drop(1), drop(1)],
		({make, dropOther}) => [make(1), dropOther(1)],
		({make, take}) => [make(1), take(1, 1)],
	];
	for (const attempt of attempts) {
		const guest = await files();
		t.throws(() => attempt(guest), {code: 'FORGE_TRAP'}, attempt.toString());
		t.true(guest.instance.dead);
	}
	const {make, take, taken} = await files();
	make(1);
	make(2);
	take(1, 2);
	t.deepEqual(taken, [1]);
});

test('A7: whatever numbers a guest uses, each is the object that it was given for, of its type, or traps', async t => {
	const operation = fc.tuple(fc.constantFrom('make', 'read', 'drop', 'dropOther', 'take'), fc.integer({min: 0, max: 6}), fc.nat(6));
	const property = fc.asyncProperty(fc.array(operation, {maxLength: 40}), async operations => {
		const guest = await files();
		// What each number stands for: the canonical ABI gives the number that was freed last, or the next.
		const held = new Map<number, number>();
		const free: number[] = [];
		let made = 0;
		const drop = (n: number): void => {
			held.delete(n);
			free.push(n);
		};
		for (const [what, n, m] of operations) {
			const known = what === 'make' || (held.has(n) && what !== 'dropOther' && (what !== 'take' || (held.has(m) && m !== n)));
			const attempt = () => (what === 'make' ? guest.make(++made) : what === 'take' ? guest.take(n, m) : guest[what](n));
			if (!known) {
				t.throws(attempt, {code: 'FORGE_TRAP'});
				t.true(guest.instance.dead);
				return;
			}
			const result = attempt();
			if (what === 'make') {
				t.is(result, free.pop() ?? held.size + 1);
				held.set(result as number, made);
			} else if (what === 'read') t.is(result, (held.get(n) as number) * 10);
			else if (what === 'drop') {
				t.is(guest.closed.at(-1), held.get(n) as number);
				drop(n);
			} else {
				t.is(guest.taken.at(-1), held.get(n));
				drop(n);
			}
		}
	});
	await fc.assert(property, {numRuns: 200});
});

test('A6: handles are limited', async t => {
	const {make, instance} = await files({handles: 3});
	for (let i = 0; i < 3; i++) make(i);
	t.throws(() => make(3), {message: /more than 3 handles/});
	t.true(instance.dead);
});
