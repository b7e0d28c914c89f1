/** Keys and values in memory, as the contract `forgeone:storage/store` has them: gone when the plugin stops, but handed over in a swap. */
import {current} from 'forgeone:kernel/caller@0.1.0';
import {pack, unpack} from './state.js';

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 1024 * 1024;

/** The entries of each caller, so that nobody can reach what is another's. */
const owners = new Map();

function entriesOf(owner) {
	if (!owners.has(owner)) owners.set(owner, new Map());
	return owners.get(owner);
}

const mine = () => entriesOf(current().subject);

/** How many bytes a text has in UTF-8; the engine has no TextEncoder. */
const bytesOf = text => encodeURIComponent(text).replace(/%../g, '.').length;

function checkKey(key) {
	const bytes = bytesOf(key);
	if (bytes >= 1 && bytes <= LONGEST_KEY) return;
	throw {code: 'FORGE_STORE_KEY', message: `a key has 1 to 1,024 bytes, not ${bytes}`, remedy: 'use a shorter key'};
}

function checkValue({length}) {
	if (length <= LONGEST_VALUE) return;
	throw {code: 'FORGE_STORE_VALUE', message: `a value has 1,048,576 bytes at most, not ${length}`, remedy: 'use a smaller value'};
}

/** By code points, which is the byte order that the contract has; the language's own order differs beyond U+FFFF. */
function byBytes(a, b) {
	for (let i = 0; i < a.length && i < b.length; i++) {
		const order = a.codePointAt(i) - b.codePointAt(i);
		if (order !== 0) return order;
	}
	return a.length - b.length;
}

/** An object for each interface that the world exports. An error of the contract is thrown. */
export const store = {
	get(key) {
		checkKey(key);
		return mine().get(key);
	},
	set(key, value) {
		checkKey(key);
		checkValue(value);
		mine().set(key, value);
	},
	remove(key) {
		checkKey(key);
		return mine().delete(key);
	},
	keys(prefix, start, limit) {
		const found = [...mine().keys()].filter(key => key.startsWith(prefix) && byBytes(key, start) >= 0);
		// QuickJS is handed a u32 above 2^31 as a negative number.
		return found.sort(byBytes).slice(0, limit >>> 0);
	},
};

/** In a swap the next version, or another store, is given all that this one has. */
export const handover = {
	save: () => pack(owners),
	restore(state) {
		owners.clear();
		for (const [owner, key, value] of unpack(state)) entriesOf(owner).set(key, value);
	},
};
