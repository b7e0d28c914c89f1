import {follow} from '@forgeone/sdk/client';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../command.ts';
import {containerArg} from '../each.ts';
import {withEngine} from '../engine.ts';
import {linesOf, past, printLine} from '../lines.ts';

export default class Logs extends ForgeCommand {
	static override summary = 'Show what a container wrote';
	static override examples = ['<%= config.bin %> logs web', '<%= config.bin %> logs --follow --tail 10 web'];
	static override args = containerArg;
	static override flags = {
		follow: Flags.boolean({char: 'f', description: 'Go on until it has ended'}),
		json,
		tail: Flags.integer({char: 'n', min: 0, description: 'Begin with that many of the lines there are'}),
		timestamps: Flags.boolean({char: 't', description: 'Say when'}),
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(Logs);
		const {tail, timestamps} = flags;
		await withEngine(async ({containers}) => {
			const {id} = await containers.inspect(args.container);
			const skip = tail === undefined ? 0 : Math.max(0, (await count(linesOf(past(containers, id)))) - tail);
			let line = 0;
			for await (const one of linesOf(flags.follow ? follow(containers, id) : past(containers, id))) {
				if (line++ >= skip) await printLine(one, {json: flags.json, timestamps});
			}
		});
	}
}

async function count(lines: AsyncIterable<unknown>): Promise<number> {
	let lineCount = 0;
	for await (const _line of lines) lineCount++;
	return lineCount;
}
