import type {CellContext, Usage} from '@forgeone/sdk/cell';
import type {Allowance} from './allowance.ts';
import type {Handles} from './handles.ts';
import type {Remote} from './remote.ts';
import type {Times} from './times.ts';

/** What the descriptors of one preopened folder have in common, in one instance. */
export interface Mount {
	/** As the guest sees it. */
	readonly target: string;
	/** Puts on record what the guest was refused. */
	readonly refused: CellContext['refused'];
	readonly readOnly: boolean;
	readonly times: Times;
	readonly usage: Usage;
	readonly handles: Handles;
	/** Where this process may not do everything itself. */
	readonly remote?: Remote | undefined;
	/** Where the volume has a quota. */
	readonly allowance?: Allowance | undefined;
}
