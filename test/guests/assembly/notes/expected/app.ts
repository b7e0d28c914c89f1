import * as Shelf from './made/imports/shelf';
import {Exported, Result} from './made/wit';

/** Counts what passes. */
export class Counter extends Exported {
	constructor(start: u32) {
		super();
		throw new Error('[constructor]counter is not written yet');
	}

	up(by: u32): u32 {
		throw new Error('[method]counter.up is not written yet');
	}
}

/**
 * Copies a note from one board to another.
 *
 * Fails where it is not there.
 */
export function copy(id: u32, source: Shelf.Board, target: Shelf.Board): Result<Shelf.Note, Shelf.Failure> {
	throw new Error('copy is not written yet');
}
