/** What the plugin hands over to another store in a swap, in the form that the contract `forgeone:storage/store` describes. */

const bytesOf = (text: string): Uint8Array => Uint8Array.wrap(String.UTF8.encode(text));

/** What is handed over at most, in bytes: a component that gave more would be ended. */
const MOST = 16 * 1024 * 1024;

/** For each entry its owner, its key and its value, each with its length in bytes before it; null where that is too much. */
export function pack(owners: Map<string, Map<string, Uint8Array>>): Uint8Array | null {
	const parts: Uint8Array[] = [];
	let size = 0;
	const names = owners.keys();
	for (let i = 0; i < names.length; i++) {
		const owner = bytesOf(names[i]);
		const entries = owners.get(names[i]);
		const keys = entries.keys();
		for (let j = 0; j < keys.length; j++) {
			parts.push(owner);
			parts.push(bytesOf(keys[j]));
			parts.push(entries.get(keys[j]));
		}
	}
	for (let i = 0; i < parts.length; i++) size += 4 + parts[i].length;
	if (size > MOST) return null;
	const state = new Uint8Array(size);
	for (let i = 0, at = 0; i < parts.length; i++) {
		store<u32>(state.dataStart + at, parts[i].length);
		state.set(parts[i], at + 4);
		at += 4 + parts[i].length;
	}
	return state;
}

/** The same entries again. Traps where the bytes end within one; the store that was there then goes on. */
export function unpack(state: Uint8Array): Map<string, Map<string, Uint8Array>> {
	const owners = new Map<string, Map<string, Uint8Array>>();
	const parts: Uint8Array[] = [];
	for (let at = 0; at < state.length; ) {
		const start = at + 4;
		assert(start <= state.length);
		at = start + load<i32>(state.dataStart + at);
		assert(at >= start && at <= state.length);
		parts.push(state.slice(start, at));
	}
	for (let i = 0; i < parts.length; i += 3) {
		const owner = String.UTF8.decode(parts[i].buffer);
		if (!owners.has(owner)) owners.set(owner, new Map());
		owners.get(owner).set(String.UTF8.decode(parts[i + 1].buffer), parts[i + 2]);
	}
	return owners;
}
