/** What the plugin hands over to another store in a swap, in the form that the contract `forgeone:storage/store` describes. */

const bytesOf = (text: string): Uint8Array => Uint8Array.wrap(String.UTF8.encode(text));

/** For each entry its owner, its key and its value, each with its length in bytes before it. */
export function pack(entries: Map<string, Uint8Array>): Uint8Array {
	const parts: Uint8Array[] = [];
	let size = 0;
	const places = entries.keys();
	for (let i = 0; i < places.length; i++) {
		const end = places[i].indexOf('\n');
		parts.push(bytesOf(places[i].slice(0, end)));
		parts.push(bytesOf(places[i].slice(end + 1)));
		parts.push(entries.get(places[i]));
	}
	for (let i = 0; i < parts.length; i++) size += 4 + parts[i].length;
	const state = new Uint8Array(size);
	const view = new DataView(state.buffer);
	for (let i = 0, at = 0; i < parts.length; i++) {
		view.setUint32(at, parts[i].length, true);
		state.set(parts[i], at + 4);
		at += 4 + parts[i].length;
	}
	return state;
}

/** The same entries again. Traps where the bytes end within one; the store that was there then goes on. */
export function unpack(state: Uint8Array): Map<string, Uint8Array> {
	const entries = new Map<string, Uint8Array>();
	const parts: Uint8Array[] = [];
	for (let at = 0; at < state.length; ) {
		const start = at + 4;
		assert(start <= state.length);
		at = start + <i32>new DataView(state.buffer, state.byteOffset + at, 4).getUint32(0, true);
		assert(at >= start && at <= state.length);
		parts.push(state.slice(start, at));
	}
	for (let i = 0; i < parts.length; i += 3) {
		const place = `${String.UTF8.decode(parts[i].buffer)}\n${String.UTF8.decode(parts[i + 1].buffer)}`;
		entries.set(place, parts[i + 2]);
	}
	return entries;
}
