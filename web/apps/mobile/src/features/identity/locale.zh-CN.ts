export default {
  identity: {
    title: '请拍摄证件和本人照片',
    lead: '{name}，这是办理“{product}”双录之前的准备。',
    done_title: '照片都收到了',
    done: '都拍好了，请等业务员通知您开始双录。现在不需要阅读或签署文件。',
    locked: '照片已经锁定，不能再更改。如有疑问，请联系业务员。',
    privacy: '照片只用于核实您的身份，会加密保存，不作其他用途。',
    left: '还差 {count} 张',
    take: '拍照',
    again: '重新拍',
    sending: '正在上传…',
    kind: { id_front: '身份证人像面', id_back: '身份证国徽面', bank_card: '银行卡正面', face: '本人面部照片' },
    hint: {
      id_front: '把有照片的一面放平，四个角都拍到，不反光。',
      id_back: '把有国徽的一面放平，四个角都拍到，不反光。',
      bank_card: '把有卡号的一面放平，卡号要看得清。',
      face: '脸正对镜头，摘下帽子和墨镜，光线亮一些。',
    },
    state: { missing: '还没拍', refused: '这张不能用，请重新拍', doubtful: '可能不够清楚', done: '已收到' },
    doubt: {
      sharpness: '照片有些模糊，请拿稳手机重新拍。',
      brightness: '光线太暗或太亮，请换个地方重新拍。',
      face_present: '没有看清人脸，请重新拍。',
      card_present: '没有看清证件，请重新拍。',
      face_matches_card: '本人照片和证件照片不太像，请重新拍；业务员也会核对。',
      FACE_FILLS_PICTURE: '这张是人脸照片，不是证件。请按上面写的拍证件，四个角都拍进来。',
    },
  },
}

export const problems: Record<string, string> = {
  IMAGE_INVALID: '这不是可以识别的照片，请重新拍一张。',
  IMAGE_TOO_LARGE: '照片太大了，请重新拍一张。',
  IMAGE_TOO_SMALL: '照片太小，看不清，请靠近一些重新拍。',
  IMAGE_SAME_AS_ID_FRONT: '这张和“身份证人像面”是同一张照片，请重新拍一张。',
  IMAGE_SAME_AS_ID_BACK: '这张和“身份证国徽面”是同一张照片，请重新拍一张。',
  IMAGE_SAME_AS_BANK_CARD: '这张和“银行卡正面”是同一张照片，请重新拍一张。',
  IMAGE_SAME_AS_FACE: '这张和“本人面部照片”是同一张照片，请重新拍一张。',
  IMAGE_NOT_REQUIRED: '这一张不需要拍。',
  CASE_STATE: '录制已经开始，照片不能再更改。',
  CONTENT_TYPE_UNSUPPORTED: '只能用 JPG 或 PNG 照片。',
}
