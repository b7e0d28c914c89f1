import {load} from '@forgeone/wasm';
import test from 'ava';
import {assembled} from '../support/assembly.ts';

const wit = `package t:res;
interface things {
	resource thing {
		constructor(name: string);
		name: func() -> string;
		join: static func(a: thing, b: borrow<thing>) -> thing;
	}
	record pair { first: thing, second: option<thing> }
}
interface api {
	use things.{thing, pair};
	swap: func(pair: pair) -> pair;
	all: func(given: list<thing>, lent: list<borrow<thing>>) -> list<thing>;
	maybe: func(lent: option<borrow<thing>>) -> result<string, thing>;
	resource counter {
		constructor(start: u32);
		up: func(by: u32) -> u32;
		split: func(parts: u32) -> list<counter>;
		sum: static func(all: list<counter>) -> counter;
		same: func(other: borrow<counter>) -> bool;
	}
	alive: func() -> u32;
}
world w { export api; }`;

const source = `
import {Pair, Thing} from './bindings/exports/api';
import {Exported, Result} from './bindings/wit';

let living: u32 = 0;

export class Counter extends Exported {
	constructor(private count: u32) {
		super();
		living++;
	}

	up(by: u32): u32 {
		return this.count += by;
	}

	split(parts: u32): Counter[] {
		const all: Counter[] = [];
		for (let i: u32 = 0; i < parts; i++) all.push(new Counter(this.count / parts));
		return all;
	}

	static sum(all: Counter[]): Counter {
		const first = all[0];
		for (let i = 1; i < all.length; i++) first.count += all[i].count;
		living -= all.length - 1;
		__collect();
		return first;
	}

	same(other: Counter): bool {
		return this == other;
	}

	dropped(): void {
		living--;
	}
}

export function alive(): u32 {
	return living;
}

export function swap(pair: Pair): Pair {
	const second = pair.second;
	return second ? new Pair(second, pair.first) : pair;
}

export function all(given: Thing[], lent: Thing[]): Thing[] {
	const made: Thing[] = [];
	for (let i = 0; i < given.length; i++) made.push(Thing.join(given[i], lent[i % lent.length]));
	return made;
}

export function maybe(lent: Thing | null): Result<string, Thing> {
	if (!lent) return Result.err<string, Thing>(new Thing('nobody'));
	return Result.ok<string, Thing>(lent.name());
}
`;

class Thing {
	static disposed: string[] = [];
	readonly #name: string;
	constructor(name: string) {
		this.#name = name;
	}
	name(): string {
		return this.#name;
	}
	static join(a: Thing, b: Thing): Thing {
		return new Thing(`${a.name()}+${b.name()}`);
	}
	[Symbol.dispose](): void {
		Thing.disposed.push(this.#name);
	}
}

interface Counter {
	up(by: number): number;
	split(parts: number): Counter[];
	same(other: Counter): boolean;
	[Symbol.dispose](): void;
}

interface Api {
	swap(pair: {first: Thing; second: Thing | undefined}): {first: Thing; second: Thing | undefined};
	all(given: Thing[], lent: Thing[]): Thing[];
	maybe(lent: Thing | undefined): string;
	alive(): number;
	readonly Counter: {new (start: number): Counter; sum(all: Counter[]): Counter};
}

const open = async (): Promise<Api> => {
	const component = await load(await assembled(wit, source));
	const instance = await component.instantiate({'t:res/things': {Thing}});
	return instance.interface('t:res/api') as unknown as Api;
};

test("the host's resources are owned and lent through records, lists, options and results", async t => {
	const {swap, all, maybe} = await open();
	const [a, b, c] = [new Thing('a'), new Thing('b'), new Thing('c')];
	t.deepEqual(swap({first: a, second: b}), {first: b, second: a});
	t.deepEqual(swap({first: a, second: undefined}), {first: a, second: undefined});
	t.deepEqual(
		all([a, b, a], [b, c]).map(thing => thing.name()),
		['a+b', 'b+c', 'a+b'],
	);
	t.is(maybe(c), 'c');
	t.is(t.throws<Error & {payload: Thing}>(() => maybe(undefined)).payload.name(), 'nobody');
	t.deepEqual(Thing.disposed, [], 'nothing that was given away was dropped by the guest');
});

test('what is lent is given back, so that no handle is left after a hundred thousand calls', async t => {
	const {maybe, all} = await open();
	const thing = new Thing('x');
	for (let i = 0; i < 100_000; i++) maybe(thing);
	t.is(all([thing], [thing]).length, 1);
});

test("a guest's objects live until the host drops them, and those that come back are the same", async t => {
	const {Counter, alive} = await open();
	const counter = new Counter(6);
	t.is(counter.up(6), 12);
	const parts = counter.split(3);
	t.is(alive(), 4);
	t.true(counter.same(counter));
	t.false(counter.same(parts[0] as Counter));
	const sum = Counter.sum(parts);
	t.is(sum.up(1), 13);
	t.is(alive(), 2);
	sum[Symbol.dispose]();
	counter[Symbol.dispose]();
	t.is(alive(), 0);
	t.throws(() => counter.up(1));
});

test('a hundred thousand objects that are made and dropped leave nothing', async t => {
	const component = await load(await assembled(wit, source));
	const instance = await component.instantiate({'t:res/things': {Thing}});
	const {Counter, alive} = instance.interface('t:res/api') as unknown as Api;
	const rounds = (count: number): void => {
		for (let i = 0; i < count; i++) new Counter(i)[Symbol.dispose]();
	};
	rounds(5_000);
	const before = instance.memoryBytes;
	rounds(95_000);
	t.is(alive(), 0);
	t.is(instance.memoryBytes, before);
});

test('resources of the world itself, constructors that fail, and a resource that two exported interfaces share', async t => {
	const odd = `package t:odd;
interface made {
	resource item { constructor(n: u32) -> result<item, string>; n: func() -> u32; }
}
interface users {
	use made.{item};
	twice: func(of: borrow<item>) -> u32;
	next: func(of: item) -> item;
}
world w {
	resource gate { constructor(name: string) -> result<gate, u32>; open: func() -> string; drop: func() -> u32; }
	import pass: func(gate: gate) -> gate;
	export try: func(name: string) -> result<string, u32>;
	export made;
	export users;
}`;
	const program = `
import {Gate, pass} from './bindings/world';
import {Exported, Result} from './bindings/wit';

export function try_(name: string): Result<string, u32> {
	const made = Gate.create(name);
	if (!made.isOk) return Result.err<string, u32>(made.error);
	const gate = pass(made.value);
	const text = gate.open() + gate.drop_().toString();
	gate.drop();
	return Result.ok<string, u32>(text);
}

export namespace made {
	export class Item extends Exported {
		constructor(readonly count: u32) {
			super();
		}
		static create(n: u32): Result<Item, string> {
			return n ? Result.ok<Item, string>(new Item(n)) : Result.err<Item, string>('none');
		}
		n(): u32 {
			return this.count;
		}
	}
}

export namespace users {
	export function twice(item: made.Item): u32 {
		return item.count * 2;
	}
	export function next(item: made.Item): made.Item {
		return new made.Item(item.count + 1);
	}
}
`;
	const component = await load(await assembled(odd, program));
	class Gate {
		static disposed = 0;
		readonly name: string;
		constructor(name: string) {
			this.name = name;
			if (name === '') throw Object.assign(new Error('no name'), {payload: 7});
		}
		open(): string {
			return this.name;
		}
		drop(): number {
			return 1;
		}
		[Symbol.dispose](): void {
			Gate.disposed++;
		}
	}
	const instance = await component.instantiate({Gate, pass: (gate: Gate) => gate} as never);
	const attempt = instance.exports.try as (name: string) => string;
	t.is(attempt('front'), 'front1');
	t.is(Gate.disposed, 1);
	t.is(t.throws<Error & {payload: number}>(() => attempt('')).payload, 7);
	const {twice, next} = instance.interface('t:odd/users') as unknown as {twice(of: object): number; next(of: object): {n(): number}};
	const {Item} = instance.interface('t:odd/made') as unknown as {Item: new (n: number) => {n(): number}};
	const item = new Item(3);
	t.is(twice(item), 6);
	t.is(next(item).n(), 4);
	t.throws(() => new Item(0), {message: /none|error/});
});
