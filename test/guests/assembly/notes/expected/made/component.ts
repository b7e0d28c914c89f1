// The functions of the component, for the world demo:notes/notes@1.0.0. Made by forge bindgen: changes are lost when it is made again.
// @ts-nocheck

import * as Desk from './exports/desk';
import * as Shelf from './imports/shelf';
import * as Guest from '../app';
import {Result, cabi_area, cabi_borrow, cabi_collect, cabi_free, cabi_return} from './wit';

@exportAs('demo:notes/desk@1.0.0#[dtor]counter')
export function desk_counter_dtor(p0: usize): void {
	changetype<Guest.Counter>(p0).cabi_release();
}

@exportAs('demo:notes/desk@1.0.0#[constructor]counter')
export function desk_constructor_counter(p0: i32): i32 {
	const result = new Guest.Counter(<u32>p0);
	return Desk.lower_Counter(result);
}

@exportToCollect('cabi_post_demo:notes/desk@1.0.0#[constructor]counter')
export function desk_constructor_counter_post(p0: i32): void {
	cabi_collect();
}

@exportAs('demo:notes/desk@1.0.0#[method]counter.up')
export function desk_method_counter_up(p0: i32, p1: i32): i32 {
	const result = changetype<Guest.Counter>(p0).up(<u32>p1);
	return result;
}

@exportToCollect('cabi_post_demo:notes/desk@1.0.0#[method]counter.up')
export function desk_method_counter_up_post(p0: i32): void {
	cabi_collect();
}

@exportAs('demo:notes/desk@1.0.0#copy')
export function desk_copy(p0: i32, p1: i32, p2: i32): usize {
	const result = Guest.copy(<u32>p0, cabi_borrow<Shelf.Board>(p1), cabi_borrow<Shelf.Board>(p2));
	lower_Result_Note_Failure(cabi_area, result);
	cabi_return();
	return cabi_area;
}

@exportAs('cabi_post_demo:notes/desk@1.0.0#copy')
export function desk_copy_post(p0: usize): void {
	cabi_free();
	cabi_collect();
}

export function lower_Result_Note_Failure(at: usize, value: Result<Shelf.Note, Shelf.Failure>): void {
	if (value.isOk) {
		store<u8>(at, 0);
		Shelf.lower_Note(at + 8, value.value);
	} else {
		store<u8>(at, 1);
		Shelf.lower_Failure(at + 8, value.error);
	}
}

import './system';
export {cabi_realloc} from './wit';
