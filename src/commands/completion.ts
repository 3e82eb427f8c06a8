import {Args} from '@oclif/core'
import {BaseCommand} from '../cli/base-command.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes commands, flags and resource types in your shell.'

  static override description = `The script knows every command, its flags and their values, and the types that kubectl knows. It runs nothing and looks
into no case, so no name out of a log can reach your shell.

bash: source <(k8saudit completion bash) in ~/.bashrc · zsh: source <(k8saudit completion zsh) in ~/.zshrc, after compinit ·
fish: k8saudit completion fish | source in ~/.config/fish/config.fish`

  static override examples = [
    '<%= config.bin %> <%= command.id %> bash',
    '<%= config.bin %> <%= command.id %> fish > k8saudit.fish',
  ]

  static override args = {
    shell: Args.string({
      ignoreStdin: true,
      description: 'bash, zsh or fish.',
      required: true,
      options: ['bash', 'zsh', 'fish'],
    }),
  }

  async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    const {typeWords} = await import('../audit/resource-names.ts')
    const {completedCommands} = await import('../cli/completion/model.ts')
    const words = typeWords()
    const types = [...new Set([...words.values(), ...words.keys()])].filter(
      (word) => word === words.get(word) || word.length < 7,
    )
    const commands = completedCommands(this.config.commands, {type: types, resource: types})
    const scripts = {
      bash: async () => (await import('../cli/completion/bash.ts')).bashScript(commands),
      zsh: async () => (await import('../cli/completion/zsh.ts')).zshScript(commands),
      fish: async () => (await import('../cli/completion/fish.ts')).fishScript(commands),
    }
    process.stdout.write(await scripts[args.shell as keyof typeof scripts]())
  }
}
