import { actionCommand } from "../../instance-action.ts";

export default actionCommand({
  action: "start",
  describe: "Start a stopped instance",
  doing: "Starting",
  wanted: "running",
});
