const pairs = `
smile 😄|slightly_smiling_face 🙂|blush 😊|grinning 😀|joy 😂|wink 😉|thinking_face 🤔|disappointed 😞|cry 😢|relieved 😌
heart ❤️|blue_heart 💙|green_heart 💚|sparkles ✨|star ⭐|star2 🌟|tada 🎉|clap 👏|raised_hands 🙌|pray 🙏
thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|wave 👋|point_right 👉|point_left 👈|point_down 👇|point_up 👆|handshake 🤝
muscle 💪|eyes 👀|speech_balloon 💬|thought_balloon 💭|mega 📣|loudspeaker 📢|bell 🔔|no_bell 🔕|envelope ✉️|email 📧
incoming_envelope 📨|outbox_tray 📤|inbox_tray 📥|mailbox 📫|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|books 📚
book 📖|open_book 📖|bookmark 🔖|label 🏷️|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|file_folder 📁|open_file_folder 📂
card_index 📇|bar_chart 📊|chart_with_upwards_trend 📈|mag 🔍|mag_right 🔎|bulb 💡|mortar_board 🎓|school 🏫|microscope 🔬|test_tube 🧪
calendar 📅|date 📅|spiral_calendar_pad 🗓️|alarm_clock ⏰|hourglass ⌛|hourglass_flowing_sand ⏳|clock8 🕗|stopwatch ⏱️|watch ⌚|repeat 🔁
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|no_entry ⛔|no_entry_sign 🚫|warning ⚠️|information_source ℹ️|question ❓|exclamation ❗
lock 🔒|unlock 🔓|key 🔑|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|leftwards_arrow_with_hook ↩️|fast_forward ⏩
double_vertical_bar ⏸️|arrow_forward ▶️|new 🆕|ok 🆗|sos 🆘|100 💯|red_circle 🔴|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵
white_circle ⚪|black_circle ⚫|house 🏠|office 🏢|classical_building 🏛️|busts_in_silhouette 👥|bust_in_silhouette 👤|robot_face 🤖|gear ⚙️|wrench 🔧
seedling 🌱|deciduous_tree 🌳|sunflower 🌻|sunny ☀️|snowflake ❄️|christmas_tree 🎄|palm_tree 🌴|coffee ☕|cake 🍰|rocket 🚀
zzz 💤|scales ⚖️|balance_scale ⚖️|compass 🧭|world_map 🗺️|jigsaw 🧩|puzzle_piece 🧩|dart 🎯|trophy 🏆|ribbon 🎀`;

const known = new Map(
  pairs
    .trim()
    .split(/[|\n]/)
    .map((pair) => pair.split(" ")),
);

/** The character for a short name such as "tada", or null. */
export function emoji(name) {
  return known.get(name) ?? null;
}
