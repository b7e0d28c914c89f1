import {files} from './files.ts';
import {sockets} from './sockets.ts';

/** WASI, as guests see it, beside plain Node. */
export default async function bench(): Promise<void> {
	await files();
	await sockets();
}
