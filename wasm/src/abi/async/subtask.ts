import {Trap} from '../../trap.ts';
import {type Lent, unlend} from '../handles.ts';
import type {OnCancel} from './thread.ts';
import {events, Waitable} from './waitable.ts';

/** How far a call has come, as the caller sees it. */
export const states = {starting: 0, started: 1, returned: 2, 'cancelled before started': 3, 'cancelled before returned': 4} as const;

/** A call from a guest, as its caller keeps it. */
export class Subtask extends Waitable {
	state: number = states.starting;
	/** The handles lent for the call, until the caller has been told of its end. */
	lent: Lent[] | undefined = [];
	onCancel: OnCancel | undefined;
	cancelling = false;
	/** Its handle; 0 until it has one. */
	index = 0;

	get resolved(): boolean {
		return this.state > states.started;
	}

	/** Goes on to a state, of which the caller hears if it has a handle. */
	progress(state: number): void {
		this.state = state;
		if (this.index === 0) return;
		this.notify(() => {
			if (this.resolved) this.deliver();
			return [events.subtask, this.index, this.state];
		});
	}

	/** Gives the lent handles back: the caller knows that the call has ended. */
	deliver(): void {
		unlend(this.lent ?? []);
		this.lent = undefined;
	}

	get delivered(): boolean {
		return this.lent === undefined;
	}

	override drop(): void {
		if (!this.delivered) throw new Trap('cannot drop a subtask which has not yet resolved');
		super.drop();
	}
}
