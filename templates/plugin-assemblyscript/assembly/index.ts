/** Keys and values in memory, as the contract `forgeone:storage/store` has them: gone when the plugin stops, but handed over in a swap. */
import {Failure} from './bindings/exports/store';
import {current, number} from './bindings/imports/caller';
import {Result, Unit} from './bindings/wit';
import {pack, unpack} from './state';

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 1024 * 1024;

type Entries = Map<string, Uint8Array>;

let owners = new Map<string, Entries>();

/** Callers who came lately, each at the rest of its number, and the entries of each: to ask for a number costs next to nothing. */
const RECENT = 256;
const numbers = new StaticArray<u32>(RECENT);
const recent = new StaticArray<Entries | null>(RECENT);

/** What is kept for the caller, so that nobody can reach what is another's. */
function mine(): Entries {
	const caller = number();
	const place = caller % RECENT;
	const known = recent[place];
	if (known && numbers[place] == caller) return known;
	const subject = current().subject;
	if (!owners.has(subject)) owners.set(subject, new Map());
	const entries = owners.get(subject);
	numbers[place] = caller;
	recent[place] = entries;
	return entries;
}

/** What is wrong with a key, if anything is. */
function refused(key: string): Failure | null {
	const bytes = String.UTF8.byteLength(key);
	if (bytes >= 1 && bytes <= LONGEST_KEY) return null;
	return new Failure('FORGE_STORE_KEY', `a key has 1 to 1,024 bytes, not ${bytes}`, 'use a shorter key');
}

export namespace store {
	export function get(key: string): Result<Uint8Array | null, Failure> {
		const failure = refused(key);
		if (failure) return Result.err<Uint8Array | null, Failure>(failure);
		const entries = mine();
		return Result.ok<Uint8Array | null, Failure>(entries.has(key) ? entries.get(key) : null);
	}

	export function set(key: string, value: Uint8Array): Result<Unit, Failure> {
		const failure = refused(key);
		if (failure) return Result.err<Unit, Failure>(failure);
		if (value.length > LONGEST_VALUE) {
			const message = `a value has 1,048,576 bytes at most, not ${value.length}`;
			return Result.err<Unit, Failure>(new Failure('FORGE_STORE_VALUE', message, 'use a smaller value'));
		}
		mine().set(key, value);
		return Result.ok<Unit, Failure>();
	}

	export function remove(key: string): Result<bool, Failure> {
		const failure = refused(key);
		return failure ? Result.err<bool, Failure>(failure) : Result.ok<bool, Failure>(mine().delete(key));
	}

	export function keys(prefix: string, start: string, limit: u32): Result<string[], Failure> {
		const all = mine().keys();
		const found: string[] = [];
		for (let i = 0; i < all.length; i++) {
			if (all[i].startsWith(prefix) && byBytes(all[i], start) >= 0) found.push(all[i]);
		}
		found.sort(byBytes);
		if (<u32>found.length > limit) found.length = limit;
		return Result.ok<string[], Failure>(found);
	}
}

/** All that is kept, for the version or the other store that takes the place of this one in a swap. */
export namespace handover {
	export function save(): Result<Uint8Array, Failure> {
		const state = pack(owners);
		if (state) return Result.ok<Uint8Array, Failure>(state);
		const failure = new Failure('FORGE_STORE_LARGE', 'the store hands over 16 MiB at most, and has more', 'remove some, or go on with this one');
		return Result.err<Uint8Array, Failure>(failure);
	}

	export function restore(state: Uint8Array): void {
		owners = unpack(state);
		recent.fill(null);
	}
}

/** By code points, which is the byte order that the contract has; the language's own order differs beyond U+FFFF. */
function byBytes(a: string, b: string): i32 {
	for (let i = 0; i < a.length && i < b.length; i++) {
		const order = a.codePointAt(i) - b.codePointAt(i);
		if (order != 0) return order;
	}
	return a.length - b.length;
}
