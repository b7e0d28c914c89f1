import {ForgeCommand, json} from '../command.ts';
import {containerArg} from '../each.ts';
import {withEngine} from '../engine.ts';
import {printJson} from '../text.ts';

/** How long one question may wait, in milliseconds. */
const PATIENCE = 20_000;

export default class Wait extends ForgeCommand {
	static override summary = 'Wait until a container has ended, and print its exit code';
	static override examples = ['<%= config.bin %> wait worker'];
	static override args = containerArg;
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(Wait);
		await withEngine(async ({containers}) => {
			let container = await containers.wait(args.container, PATIENCE);
			while (container.state !== 'exited') container = await containers.wait(args.container, PATIENCE);
			if (flags.json) printJson(container);
			else this.log(String(container.exitCode ?? 125));
		});
	}
}
