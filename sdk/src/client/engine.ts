import type {Client} from '@forgeone/core';
import type {Appraisal, Audit, Containers, Listeners, Networks, Plugins, Volumes} from '@forgeone/wasm';

/** The engine as the one who uses it sees it: its contracts, in the name of one caller. */
export interface Engine {
	readonly containers: Client<typeof Containers>;
	readonly volumes: Client<typeof Volumes>;
	readonly plugins: Client<typeof Plugins>;
	readonly listeners: Client<typeof Listeners>;
	readonly networks: Client<typeof Networks>;
	readonly appraisal: Client<typeof Appraisal>;
	readonly audit: Pick<Client<typeof Audit>, 'recent'>;
	/** Lets go of it; an engine that lives in this process ends. */
	close(): Promise<void>;
}

/** How long one question for more output may wait, in milliseconds. */
const PATIENCE = 1_000;

/** The output of a container from `cursor` on, piece by piece, until it has exited and all was read; or `signal` is given. */
export async function* follow(
	containers: Engine['containers'],
	id: string,
	cursor = 0n,
	signal?: AbortSignal,
): AsyncGenerator<Containers.Output, void> {
	let next = cursor;
	let exited = false;
	while (!signal?.aborted) {
		const pieces = await containers.logs(id, next, exited ? 0 : PATIENCE);
		yield* pieces;
		next = (pieces.at(-1)?.sequence ?? next - 1n) + 1n;
		if (pieces.length > 0) continue;
		if (exited) return;
		exited = (await containers.inspect(id)).state === 'exited';
	}
}
