/**
 * Bindings by hand to `forgeone:storage/store`, as the canonical ABI flattens it, with strings in UTF-16. What does not fit into one number comes
 * back in `area`: 0 or 1 for success or failure, then the value. Blocks that the host asks `cabi_realloc` for are not the garbage
 * collector's: each is copied, then freed.
 */

@external('forgeone:storage/store@0.1.0', 'get')
declare function storeGet(key: usize, keyLength: usize, area: usize): void;
@external('forgeone:storage/store@0.1.0', 'set')
declare function storeSet(key: usize, keyLength: usize, value: usize, valueLength: usize, area: usize): void;
@external('forgeone:storage/store@0.1.0', 'remove')
declare function storeRemove(key: usize, keyLength: usize, area: usize): void;
@external('forgeone:storage/store@0.1.0', 'keys')
declare function storeKeys(prefix: usize, prefixLength: usize, start: usize, startLength: usize, limit: u32, area: usize): void;

const area = memory.data(32, 8);

/** The host's way to memory in here; part of the canonical ABI. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
	if (!size) return align;
	return oldSize ? heap.realloc(old, size) : heap.alloc(size);
}

/** What AssemblyScript calls when a check fails. There is nowhere to write the message. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
	unreachable();
}

/** Gives back a block of the host's; one of no bytes was never taken. */
export function free(data: usize, length: usize): void {
	if (length) heap.free(data);
}

/** Copies and frees the string of `length` UTF-16 units at `data`. */
export function takeString(data: usize, length: usize): string {
	const text = String.UTF16.decodeUnsafe(data, length << 1);
	free(data, length);
	return text;
}

/** The value of a key; null where there is none. */
export function get(key: string): ArrayBuffer | null {
	storeGet(changetype<usize>(key), key.length, area);
	succeeded();
	if (!load<u8>(area, 4)) return null;
	const data = load<usize>(area, 8);
	const length = load<i32>(area, 12);
	const bytes = new ArrayBuffer(length);
	memory.copy(changetype<usize>(bytes), data, length);
	free(data, length);
	return bytes;
}

/** Sets the value of a key. */
export function set(key: string, value: ArrayBuffer): void {
	storeSet(changetype<usize>(key), key.length, changetype<usize>(value), value.byteLength, area);
	succeeded();
}

/** Removes a key. */
export function remove(key: string): void {
	storeRemove(changetype<usize>(key), key.length, area);
	succeeded();
}

/** All keys that are not below `start`, in order. */
export function keys(start: string): string[] {
	storeKeys(changetype<usize>(start), 0, changetype<usize>(start), start.length, u32.MAX_VALUE, area);
	succeeded();
	const list = load<usize>(area, 4);
	const length = load<i32>(area, 8);
	const found = new Array<string>(length);
	for (let i = 0; i < length; i++) {
		const at = list + i * 8;
		found[i] = takeString(load<usize>(at), load<usize>(at, 4));
	}
	free(list, length);
	return found;
}

/** The contract has no word for a store that fails: the call must not seem to have gone well. */
function succeeded(): void {
	if (load<u8>(area)) unreachable();
}
