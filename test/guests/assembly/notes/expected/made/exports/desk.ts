// demo:notes/desk@1.0.0, exported, for the world demo:notes/notes@1.0.0. Made by forge bindgen: changes are lost when it is made again.
// @ts-nocheck
/** What this component does. */

import * as Guest from '../../app';
export {Note, Failure, FailureTag, Board} from '../imports/shelf';

@external('[export]demo:notes/desk@1.0.0', '[resource-new]counter')
declare function new_Counter(p0: usize): i32;

@external('[export]demo:notes/desk@1.0.0', '[resource-rep]counter')
declare function rep_Counter(p0: i32): usize;

@external('[export]demo:notes/desk@1.0.0', '[resource-drop]counter')
declare function drop_Counter(p0: i32): void;

/** Takes an object over: its handle ends, and it lives for as long as it is used here. */
export function lift_Counter(handle: i32): Guest.Counter {
	const object = changetype<Guest.Counter>(rep_Counter(handle));
	object.cabi_taken = true;
	drop_Counter(handle);
	object.cabi_taken = false;
	return object;
}

/** Gives an object away: it lives until the handle is dropped. */
export function lower_Counter(object: Guest.Counter): i32 {
	object.cabi_hold();
	return new_Counter(changetype<usize>(object));
}
