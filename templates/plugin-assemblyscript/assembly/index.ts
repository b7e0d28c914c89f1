/** Keys and values in memory, as the contract `forgeone:storage/store` has them: gone when the plugin stops. */
import {Failure} from './bindings/exports/store';
import {current} from './bindings/imports/caller';
import {Result, Unit} from './bindings/wit';

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 1024 * 1024;

/** The entries of each caller, so that nobody can reach what is another's. */
const owners = new Map<string, Map<string, Uint8Array>>();

function mine(): Map<string, Uint8Array> {
	const subject = current().subject;
	if (!owners.has(subject)) owners.set(subject, new Map<string, Uint8Array>());
	return owners.get(subject);
}

/** What is wrong with a key, if anything is. */
function refused(key: string): Failure | null {
	const bytes = String.UTF8.byteLength(key);
	if (bytes >= 1 && bytes <= LONGEST_KEY) return null;
	return new Failure('FORGE_STORE_KEY', `a key has 1 to 1,024 bytes, not ${bytes}`, 'use a shorter key');
}

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
	return Result.ok<string[], Failure>(found.sort(byBytes).slice(0, <i32>min<u32>(limit, found.length)));
}

/** In byte order, as the contract has it; the language's own order differs beyond U+FFFF. */
function byBytes(a: string, b: string): i32 {
	const left = String.UTF8.encode(a);
	const right = String.UTF8.encode(b);
	const order = memory.compare(changetype<usize>(left), changetype<usize>(right), min(left.byteLength, right.byteLength));
	return order != 0 ? order : left.byteLength - right.byteLength;
}
