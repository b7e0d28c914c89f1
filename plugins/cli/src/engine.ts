import {existsSync} from 'node:fs';
import type {Engine, Information} from '@forgeone/sdk/client';
import {loadConfig, socketPath} from '@forgeone/sdk/config';

/** The daemon of this state folder, if one answers. */
export async function daemon(): Promise<{readonly engine: Engine; readonly info: Information} | undefined> {
	const socket = socketPath(process.env);
	if (!existsSync(socket)) return undefined;
	const {connect} = await import('@forgeone/sdk/client');
	return connect(socket);
}

/** The daemon's engine, or where none runs one in this process. */
async function openEngine(): Promise<Engine> {
	const running = await daemon();
	if (running) return running.engine;
	const {bootKernel, engineOf} = await import('./kernel.ts');
	return engineOf(await bootKernel(await loadConfig(process.cwd()), {}));
}

/** Does something with an engine, and lets go of it whatever happens. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
	const engine = await openEngine();
	try {
		return await work(engine);
	} finally {
		await engine.close();
	}
}
