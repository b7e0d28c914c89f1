import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import {appraisal, audit, containers, definePlugin, listeners, networks, plugins, principals, volumes} from '@forgeone/sdk';
import type {Engine} from '@forgeone/sdk/client';
import {socketPath} from '@forgeone/sdk/config';
import {createServer} from './server.ts';
import {listen} from './socket.ts';

const {version} = createRequire(import.meta.url)('../package.json') as {version: string};

/** The engine over HTTP, on a unix socket that its owner alone can open. `config.socket` says where. */
export default definePlugin({
	name: 'api',
	uses: {containers, volumes, plugins, listeners, networks, appraisal, audit, principals},
	config: {
		type: 'object',
		properties: {
			socket: {type: 'string', description: 'a path of at most 107 bytes'},
			rate: {type: 'integer', minimum: 1, description: 'requests a second of a principal, twice as many at once'},
		},
	},
	async setup({scope, log, mode, state, uses, config: {socket = socketPath(process.env), rate = 2_000}, ready}) {
		let engine: Engine | undefined;
		const info = {version, node: process.versions.node, pid: process.pid, mode, state: dirname(state)};
		const app = await createServer(() => engine as Engine, info, rate);
		scope.defer(() => app.close());
		ready(async () => {
			const caller = await uses.principals().user(process.getuid?.() ?? 0);
			engine = {
				containers: uses.containers(caller),
				volumes: uses.volumes(caller),
				plugins: uses.plugins(caller),
				listeners: uses.listeners(caller),
				networks: uses.networks(caller),
				appraisal: uses.appraisal(caller),
				audit: uses.audit(caller),
				close: async () => undefined,
			};
			await listen(app.server, socket);
			scope.defer(() => {
				app.server.closeAllConnections();
				app.server.close();
			});
			log.info({socket}, 'listening');
		});
		return {};
	},
});
