/** What the plugin hands over to another store in a swap, in the form that the contract `forgeone:storage/store` describes. */

/** Text as UTF-8 and back; the engine has no TextEncoder. */
const encode = text => Uint8Array.from(unescape(encodeURIComponent(text)), char => char.charCodeAt(0));
const decode = bytes => decodeURIComponent(escape(bytes.reduce((text, byte) => text + String.fromCharCode(byte), '')));

/** What is handed over at most, in bytes: the engine copies it more than once within its memory, and would be ended where that is not enough. */
const MOST = 4 * 1024 * 1024;

/** For each entry its owner, its key and its value, each with its length in bytes before it. Throws where that is too much. */
export function pack(owners) {
	const parts = [...owners].flatMap(([owner, entries]) => [...entries].flatMap(([key, value]) => [encode(owner), encode(key), value]));
	const size = parts.reduce((size, part) => size + 4 + part.length, 0);
	if (size > MOST)
		throw {code: 'FORGE_STORE_LARGE', message: `the store hands over 4 MiB at most, not ${size} bytes`, remedy: 'remove some'};
	const state = new Uint8Array(size);
	const view = new DataView(state.buffer);
	let at = 0;
	for (const part of parts) {
		view.setUint32(at, part.length, true);
		state.set(part, at + 4);
		at += 4 + part.length;
	}
	return state;
}

/** The same entries again: owner, key, value. Throws where the bytes end within one; the store that was there then goes on. */
export function* unpack(state) {
	const view = new DataView(state.buffer, state.byteOffset, state.length);
	let at = 0;
	const part = () => {
		const start = at + 4;
		at = start + view.getUint32(at, true);
		if (at > state.length) throw new RangeError('the state ends within an entry');
		return state.slice(start, at);
	};
	while (at < state.length) yield [decode(part()), decode(part()), part()];
}
