import { actionCommand } from "../../instance-action.ts";

export default actionCommand({
  action: "stop",
  describe: "Stop an instance; its volume stays",
  doing: "Stopping",
  wanted: "stopped",
});
