import { actionCommand } from "../../instance-action.ts";

export default actionCommand({
  action: "restart",
  describe: "Stop and start an instance, on the same release",
  doing: "Restarting",
  wanted: "running",
});
