// What all bindings share, for the world demo:notes/notes@1.0.0. Made by forge bindgen: changes are lost when it is made again.
// @ts-nocheck

/** One Unicode character, as its number. */
export type char = u32;

/** What stands where a result has no value or no error. */
export type Unit = bool;

/** What is there of an option whose type has no null of its own: a number, an enum, flags, or another option. */
export class Some<T> {
	constructor(public value: T) {}
}

/** A value, or an error. */
export class Result<T, E> {
	constructor(readonly isOk: bool, private cabi_ok: T, private cabi_err: E) {}

	static ok<T, E>(value: T = nothing<T>()): Result<T, E> {
		return new Result<T, E>(true, value, nothing<E>());
	}

	static err<T, E>(error: E = nothing<E>()): Result<T, E> {
		return new Result<T, E>(false, nothing<T>(), error);
	}

	/** The value. Traps where there is an error. */
	get value(): T {
		assert(this.isOk, 'this result is an error');
		return this.cabi_ok;
	}

	/** The error. Traps where there is none. */
	get error(): E {
		assert(!this.isOk, 'this result is no error');
		return this.cabi_err;
	}
}

@inline
function nothing<T>(): T {
	if (isReference<T>()) return changetype<T>(0);
	return <T>0;
}

/** A handle to a resource of the outside. It is the author's to drop, unless it is given away or was borrowed. */
export class Resource {
	constructor(public cabi_handle: i32) {}

	drop(): void {}
}

/** What a class of the author's extends whose objects the outside holds handles to. */
export class Exported {
	/** How many handles there are; the object is pinned while there is one. */
	private cabi_handles: i32 = 0;
	cabi_taken: bool = false;

	/** Called when the outside drops its last handle. */
	dropped(): void {}

	cabi_hold(): void {
		if (!this.cabi_handles++) __pin(changetype<usize>(this));
	}

	cabi_release(): void {
		if (--this.cabi_handles) return;
		__unpin(changetype<usize>(this));
		if (!this.cabi_taken) this.dropped();
	}
}

/** Where results that are more than one number lie: they are read at once. */
export const cabi_area: usize = memory.data(48, 8);

/** Where the core values of a choice lie while it is taken apart or put together. */
export const cabi_slots: usize = memory.data(128, 8);

/** Makes slots empty: a case that needs fewer of them leaves the others so. */
export function cabi_clear(offset: usize, size: usize): void {
	memory.fill(cabi_slots + offset, 0, size);
}

/** Where arguments lie that are too many for core parameters. */
export const cabi_args: usize = memory.data(8, 8);

/**
 * The host's way to memory in here. Blocks are objects of the collector's, pinned until they are lifted: a string or an array of numbers is
 * then made of its block without a copy.
 */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
	if (!size) return align;
	if (oldSize && size <= oldSize) {
		store<u32>(old - 4, size);
		return old;
	}
	const block = __pin(__new(size, idof<ArrayBuffer>()));
	if (oldSize) {
		memory.copy(block, old, oldSize);
		__unpin(old);
	}
	return block;
}

/** Leaves a block to the collector. */
export function cabi_release(block: usize, length: i32): void {
	if (length) __unpin(block);
}

/** The string whose UTF-16 units the host wrote to a block: the block becomes the string. */
export function cabi_lift_string(block: usize, length: i32): string {
	if (!length) return '';
	store<u32>(block - 8, idof<string>());
	store<u32>(block - 4, length << 1);
	const text = changetype<string>(block);
	__unpin(block);
	return text;
}

/** The numbers that the host wrote to a block, as a view of it. */
export function cabi_lift_numbers<T extends ArrayBufferView>(block: usize, length: i32): T {
	const buffer = length ? changetype<ArrayBuffer>(block) : new ArrayBuffer(0);
	const list = changetype<T>(__new(offsetof<T>(), idof<T>()));
	const view = changetype<usize>(list);
	store<usize>(view, changetype<usize>(buffer), offsetof<ArrayBufferView>('buffer'));
	store<usize>(view, changetype<usize>(buffer), offsetof<ArrayBufferView>('dataStart'));
	store<i32>(view, buffer.byteLength, offsetof<ArrayBufferView>('byteLength'));
	__link(view, changetype<usize>(buffer), false);
	cabi_release(block, length);
	return list;
}

/** Blocks that hold what goes out, each with the address of the one before it. */
let blocks: usize = 0;

/** A block that lasts until what is in it has been read. Nothing here is the collector's, and nothing here makes it run. */
export function cabi_allocate(count: i32, size: i32): usize {
	if (!count) return 8;
	const bytes = <u64>count * size + 8;
	assert(bytes < 1 << 30, 'a list is too long');
	const block = heap.alloc(<usize>bytes);
	store<usize>(block, blocks);
	blocks = block;
	return block + 8;
}

/** Gives those blocks back. */
export function cabi_free(): void {
	while (blocks) {
		const next = load<usize>(blocks);
		heap.free(blocks);
		blocks = next;
	}
}

/** Collects after a call, where the runtime does not collect by itself. */
export function cabi_collect(): void {
	if (ASC_RUNTIME == 1) __collect();
}

/** The object for a handle that is given to the author. */
export function cabi_own<T extends Resource>(handle: i32): T {
	const resource = changetype<T>(__new(offsetof<T>(), idof<T>()));
	resource.cabi_handle = handle;
	return resource;
}

/** The handle of an object that is given away. */
export function cabi_take(resource: Resource): i32 {
	const handle = resource.cabi_handle;
	resource.cabi_handle = 0;
	return handle;
}

const borrowed: Resource[] = [];

/** The object for a handle that is lent for the time of a call. */
export function cabi_borrow<T extends Resource>(handle: i32): T {
	const resource = cabi_own<T>(handle);
	borrowed.push(resource);
	return resource;
}

/** Gives back what was lent. */
export function cabi_return(): void {
	while (borrowed.length) {
		const resource = borrowed.pop();
		if (resource.cabi_handle) resource.drop();
	}
}
