import {readFile} from 'node:fs/promises';
import {pack} from '@forgeone/wasm';

let packed: Promise<Uint8Array> | undefined;

/** What cells run while they wait for a task, packed. */
export function rehearsal(): Promise<Uint8Array> {
	packed ??= readFile(new URL('./rehearsal.wasm', import.meta.url)).then(async bytes => (await pack(bytes)).bytes);
	return packed;
}
