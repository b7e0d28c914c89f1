import type {CellContext} from '@forgeone/sdk/cell';
import type {Slots} from '../../slots.ts';
import type {ErrorCode} from './errors.ts';

/** What the sockets of a cell share. */
export interface World extends Pick<CellContext, 'call' | 'usage'> {
	/** For the sockets that a guest holds, of whatever state. */
	readonly slots: Slots;
}

/** The place of a new socket. Throws `new-socket-limit`. */
export function slotIn({slots}: World): () => void {
	const free = slots.take();
	if (!free) throw 'new-socket-limit' satisfies ErrorCode;
	return free;
}
