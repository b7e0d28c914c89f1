// demo:notes/shelf@1.0.0, imported, for the world demo:notes/notes@1.0.0. Made by forge bindgen: changes are lost when it is made again.
// @ts-nocheck
/** Where notes are kept. */

import {Resource, Result, Some, Unit, cabi_allocate, cabi_area, cabi_clear, cabi_free, cabi_lift_string, cabi_release, cabi_slots, cabi_take} from '../wit';

/** A note, as it is kept. */
export class Note {
	constructor(
		/** Unique on its shelf. */
		public id: u32,
		public text: string,
		public tags: Array<string>,
		/** Milliseconds since 1970; none for never. */
		public due: Some<u64> | null,
	) {}
}

export enum Colour {
	Red,
	DarkGreen,
}

/** Why there is no note. */
export class Failure {
	cabi_0: u32;
	cabi_1: string | null = null;

	constructor(readonly tag: FailureTag) {}

	/** Nobody put it there. */
	static missing(): Failure {
		return new Failure(FailureTag.Missing);
	}

	/** The shelf is full; so many notes fit. */
	static full(value: u32): Failure {
		const made = new Failure(FailureTag.Full);
		made.cabi_0 = value;
		return made;
	}

	get full(): u32 {
		assert(this.tag == FailureTag.Full);
		return this.cabi_0;
	}

	static other(value: string): Failure {
		const made = new Failure(FailureTag.Other);
		made.cabi_1 = value;
		return made;
	}

	get other(): string {
		assert(this.tag == FailureTag.Other);
		return changetype<string>(this.cabi_1);
	}
}

/** Which case a `Failure` is. */
export enum FailureTag {
	Missing,
	Full,
	Other,
}

/** A place for notes. */
export class Board extends Resource {
	/** An empty one. */
	constructor(colour: Colour) {
		super(new_Board(colour));
	}

	put(note: Note): Result<Unit, Failure> {
		cabi_clear(48, 16);
		flatten_Option_U64(cabi_slots + 48, note.due);
		Board_put(this.cabi_handle, note.id, changetype<usize>(note.text), note.text.length, lower_List_String(note.tags), note.tags.length, load<i32>(cabi_slots, 48), load<i64>(cabi_slots, 56), cabi_area);
		cabi_free();
		return lift_Result_Unit_Failure(cabi_area);
	}

	/** Newest first. */
	list(): Array<Note> {
		Board_list(this.cabi_handle, cabi_area);
		return lift_List_Note(load<usize>(cabi_area), load<i32>(cabi_area, 4));
	}

	/** Gives the handle back. It must not be used after that. */
	drop(): void {
		drop_Board(cabi_take(this));
	}
}

@external('demo:notes/shelf@1.0.0', '[resource-drop]board')
declare function drop_Board(p0: i32): void;

@external('demo:notes/shelf@1.0.0', '[method]board.list')
declare function Board_list(p0: i32, p1: usize): void;

@external('demo:notes/shelf@1.0.0', '[method]board.put')
declare function Board_put(p0: i32, p1: i32, p2: i32, p3: i32, p4: i32, p5: i32, p6: i32, p7: i64, p8: usize): void;

@external('demo:notes/shelf@1.0.0', '[constructor]board')
declare function new_Board(p0: i32): i32;

function lower_List_String(list: Array<string>): usize {
	const data = cabi_allocate(list.length, 8);
	for (let i = 0, at = data; i < list.length; i++, at += 8) {
		const item = list[i];
		store<usize>(at, changetype<usize>(item));
		store<i32>(at, item.length, 4);
	}
	return data;
}

export function flatten_Option_U64(at: usize, value: Some<u64> | null): void {
	if (value === null) {
		store<u32>(at, 0);
	} else {
		store<u32>(at, 1);
		store<u64>(at, value.value, 8);
	}
}

export function lift_Failure(at: usize): Failure {
	switch (load<u8>(at)) {
		case 1:
			return Failure.full(load<u32>(at, 4));
		case 2:
			return Failure.other(cabi_lift_string(load<usize>(at, 4), load<i32>(at, 8)));
	}
	return new Failure(load<u8>(at));
}

export function lift_Result_Unit_Failure(at: usize): Result<Unit, Failure> {
	if (load<u8>(at)) return Result.err<Unit, Failure>(lift_Failure(at + 4));
	return Result.ok<Unit, Failure>();
}

function lift_List_String(data: usize, length: i32): Array<string> {
	const list = new Array<string>(length);
	for (let i = 0, at = data; i < length; i++, at += 8) unchecked((list[i] = cabi_lift_string(load<usize>(at), load<i32>(at, 4))));
	cabi_release(data, length);
	return list;
}

export function lift_Option_U64(at: usize): Some<u64> | null {
	if (!load<u8>(at)) return null;
	return new Some<u64>(load<u64>(at, 8));
}

export function lift_Note(at: usize): Note {
	return new Note(load<u32>(at), cabi_lift_string(load<usize>(at, 4), load<i32>(at, 8)), lift_List_String(load<usize>(at, 12), load<i32>(at, 16)), lift_Option_U64(at + 24));
}

function lift_List_Note(data: usize, length: i32): Array<Note> {
	const list = new Array<Note>(length);
	for (let i = 0, at = data; i < length; i++, at += 40) unchecked((list[i] = lift_Note(at)));
	cabi_release(data, length);
	return list;
}

export function lower_Option_U64(at: usize, value: Some<u64> | null): void {
	if (value === null) {
		store<u8>(at, 0);
	} else {
		store<u8>(at, 1);
		store<u64>(at, value.value, 8);
	}
}

export function lower_Note(at: usize, value: Note): void {
	store<u32>(at, value.id);
	store<usize>(at, changetype<usize>(value.text), 4);
	store<i32>(at, value.text.length, 8);
	store<usize>(at, lower_List_String(value.tags), 12);
	store<i32>(at, value.tags.length, 16);
	lower_Option_U64(at + 24, value.due);
}

export function lower_Failure(at: usize, value: Failure): void {
	store<u8>(at, value.tag);
	switch (value.tag) {
		case 1: {
			const payload = value.cabi_0;
			store<u32>(at, payload, 4);
			break;
		}
		case 2: {
			const payload = changetype<string>(value.cabi_1);
			store<usize>(at, changetype<usize>(payload), 4);
			store<i32>(at, payload.length, 8);
			break;
		}
	}
}
